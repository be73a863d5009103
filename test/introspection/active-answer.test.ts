import { expect, test } from 'vitest';
import { activeAnswer } from '../../src/introspection/active-answer.ts';
import { activeBody } from '../../src/introspection/active-body.ts';
import type { Active } from '../../src/introspection/decide.ts';
import type { TokenRecord } from '../../src/introspection/record.ts';
import { later, NOW, token } from './records.ts';

const ISSUER = 'https://tooken.example.com';

const verdict = (record: TokenRecord, requiredScope?: string): Active => ({
  isActive: true,
  token: record,
  isAuthorized: requiredScope === undefined ? undefined : false,
  missingScope: requiredScope,
});

test('an answer is made once, and is what it would be if it were made anew', () => {
  const record = { ...token, expiresAt: later(60) };
  const first = activeAnswer(verdict(record), ISSUER, NOW);
  expect(first.body).toBe(activeBody(verdict(record), ISSUER, NOW));
  expect(activeAnswer(verdict(record), ISSUER, later(59))).toBe(first);
  expect(activeAnswer(verdict({ ...token, name: 'other' }), ISSUER, NOW).body).toContain('"name":"other"');
});

test('an answer to a question for a scope is of that question alone', () => {
  const record = { ...token };
  const plain = activeAnswer(verdict(record), ISSUER, NOW);
  const asked = activeAnswer(verdict(record, 'payments:read'), ISSUER, NOW);
  expect(asked.body).toContain('"missing_scope":"payments:read"');
  expect(activeAnswer(verdict(record), ISSUER, NOW)).toBe(plain);
  expect(plain.body).not.toContain('authorized');
});

test('an answer tells of an overlap until the instant at which it ends, wherever the clock moves', () => {
  const record = { ...token, previousSecretValidUntil: later(10) };
  const during = `"previous_secret_valid_until":"${later(10).toISOString()}"`;
  const after = '"previous_secret_valid_until":null';
  for (const [seconds, expected] of [
    [0, during],
    [9.999, during],
    [10, after],
    [11, after],
    [9, during],
    [20, after],
  ] as const) {
    expect(activeAnswer(verdict(record), ISSUER, later(seconds)).body).toContain(expected);
  }
});

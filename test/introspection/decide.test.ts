import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Principal } from '../../src/identity/principal.ts';
import { effectiveScopes, type Scope } from '../../src/identity/scopes.ts';
import { decide, type InactiveReason, type Question } from '../../src/introspection/decide.ts';
import type { CredentialRecord, TokenRecord } from '../../src/introspection/record.ts';
import { apiKey, keyCaller, later, NOW, OTHER_WORKSPACE, token, tokenCaller, WORKSPACE } from './records.ts';

const nothing: Question = { requiredScope: undefined, clientIp: undefined };

describe('a token is inactive', () => {
  const listed = { allowedCidrs: ['192.0.2.0/24', '2001:db8::/32'] };
  const previous = { secret: 'previous' } as const;
  const cases: [string, CredentialRecord | null, Principal, Partial<Question>, InactiveReason][] = [
    ['when nobody issued it', null, keyCaller, {}, 'unknown'],
    ['when it is an API key', apiKey, keyCaller, {}, 'not_a_token'],
    ['in another workspace', { ...token, workspaceId: OTHER_WORKSPACE }, keyCaller, {}, 'other_workspace'],
    ['in another environment', { ...token, environment: 'test' }, keyCaller, {}, 'other_environment'],
    [
      'for a calling token of another audience',
      { ...token, audience: 'https://a.example' },
      { ...tokenCaller, audience: 'https://b.example' },
      {},
      'other_audience',
    ],
    ['from the instant of its expiry on', { ...token, expiresAt: NOW }, keyCaller, {}, 'expired'],
    ['before its not-before', { ...token, notBefore: later(0.001) }, keyCaller, {}, 'not_yet_valid'],
    ['once revoked', { ...token, revokedAt: later(-1) }, keyCaller, {}, 'revoked'],
    [
      'from the end of its grace',
      { ...token, ...previous, previousSecretValidUntil: NOW },
      keyCaller,
      {},
      'secret_replaced',
    ],
    ['outside its address list', { ...token, ...listed }, keyCaller, { clientIp: '192.0.3.1' }, 'address_not_allowed'],
    ['with a list but no address', { ...token, ...listed }, keyCaller, {}, 'address_unknown'],
    ['with an empty list', { ...token, allowedCidrs: [] }, keyCaller, { clientIp: '192.0.2.1' }, 'address_not_allowed'],
  ];
  test.each(cases)('%s', (_, record, caller, question, reason) => {
    expect(decide(record, caller, { ...nothing, ...question }, NOW)).toEqual({ isActive: false, reason });
  });
});

describe('a token is active', () => {
  const cases: [string, TokenRecord, Principal, Partial<Question>][] = [
    ['without any bounds', token, keyCaller, {}],
    ['until just before its expiry', { ...token, expiresAt: later(0.001) }, keyCaller, {}],
    ['from its not-before on', { ...token, notBefore: NOW }, keyCaller, {}],
    ['from an address of its list', { ...token, allowedCidrs: ['192.0.2.0/24'] }, keyCaller, { clientIp: '192.0.2.9' }],
    ['from anywhere without a list', token, keyCaller, { clientIp: '203.0.113.1' }],
    [
      'within the grace of its previous secret',
      { ...token, secret: 'previous', previousSecretValidUntil: later(1) },
      keyCaller,
      {},
    ],
    ['for an API key, whatever its audience', { ...token, audience: 'a' }, keyCaller, {}],
    ['for a calling token without audience', { ...token, audience: 'a' }, tokenCaller, {}],
    ['for a calling token of its audience', { ...token, audience: 'a' }, { ...tokenCaller, audience: 'a' }, {}],
    ['without an audience, for a calling token that has one', token, { ...tokenCaller, audience: 'a' }, {}],
  ];
  test.each(cases)('%s', (_, record, caller, question) => {
    expect(decide(record, caller, { ...nothing, ...question }, NOW)).toMatchObject({ isActive: true, token: record });
  });
});

test.each([
  ['invoices:write', true],
  ['invoices:read', true],
  ['payments:read', false],
  ['invoices:delete', false],
])('holding invoices:write, asked for %s: %s', (requiredScope, isAuthorized) => {
  const record = { ...token, scopes: ['invoices:write' as Scope] };
  expect(decide(record, keyCaller, { ...nothing, requiredScope }, NOW)).toEqual({
    isActive: true,
    token: record,
    isAuthorized,
    missingScope: isAuthorized ? undefined : requiredScope,
  });
});

const instant = fc.constantFrom(null, later(-2), later(-1), NOW, later(1), later(2));
const audience = fc.constantFrom(null, 'a', 'b');
const scope = fc.constantFrom('a:read', 'a:write', 'b:read', 'b:write', 'b:erase').map((each) => each as Scope);
const records: fc.Arbitrary<TokenRecord> = fc
  .record({
    workspaceId: fc.constantFrom(WORKSPACE, OTHER_WORKSPACE),
    environment: fc.constantFrom('live', 'test'),
    scopes: fc.uniqueArray(scope).map(effectiveScopes),
    audience,
    allowedCidrs: fc.constantFrom(null, ['192.0.2.0/24'], ['198.51.100.7/32', '2001:db8::/32']),
    notBefore: instant,
    expiresAt: instant,
    revokedAt: fc.constantFrom(null, null, later(-1)),
    secret: fc.constantFrom('current', 'previous'),
    previousSecretValidUntil: instant,
  })
  .map((fields) => ({ ...token, ...fields }));
const callers: fc.Arbitrary<Principal> = fc.oneof(
  fc.constant(keyCaller),
  audience.map((each) => ({ ...tokenCaller, audience: each })),
);
const addresses = fc.constantFrom(undefined, '192.0.2.1', '198.51.100.7', '2001:db8::1', '203.0.113.1');
const times = fc.constantFrom(later(-1), NOW, later(1), later(2));

test('a token is active exactly if nothing speaks against it', () => {
  const isWithin = (record: TokenRecord, address: string | undefined) => {
    if (record.allowedCidrs === null) return true;
    if (record.allowedCidrs.length === 1) return address === '192.0.2.1';
    return address === '198.51.100.7' || address === '2001:db8::1';
  };
  fc.assert(
    fc.property(records, callers, addresses, times, (record, caller, clientIp, now) => {
      const holds = [
        record.workspaceId === caller.workspaceId && record.environment === caller.environment,
        caller.kind === 'api_key' ||
          [null, record.audience].includes('audience' in caller ? caller.audience : null) ||
          record.audience === null,
        record.revokedAt === null,
        (record.expiresAt ?? later(9)) > now,
        (record.notBefore ?? later(-9)) <= now,
        record.secret === 'current' || (record.previousSecretValidUntil ?? later(9)) > now,
        isWithin(record, clientIp),
      ];
      expect(decide(record, caller, { ...nothing, clientIp }, now).isActive).toBe(holds.every(Boolean));
    }),
    { numRuns: 5000 },
  );
});

test('asking for a scope never changes whether a token is active, only whether it is authorized', () => {
  fc.assert(
    fc.property(records, callers, addresses, times, scope, (record, caller, clientIp, now, requiredScope) => {
      const without = decide(record, caller, { requiredScope: undefined, clientIp }, now);
      const verdict = decide(record, caller, { requiredScope, clientIp }, now);
      expect(verdict.isActive).toBe(without.isActive);
      if (!verdict.isActive) return;
      expect(verdict.isAuthorized).toBe(record.scopes.includes(requiredScope));
      expect(verdict.missingScope).toBe(verdict.isAuthorized ? undefined : requiredScope);
    }),
    { numRuns: 2000 },
  );
});

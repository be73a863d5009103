import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UsageOutcome } from '../../src/introspection/usage/outcome.ts';
import { type CredentialHolder, createTally, usesIn } from '../../src/introspection/usage/tally.ts';
import type { ApiKeyId, TokenId } from '../../src/lib/ids.ts';
import { apiKey, token } from '../introspection/records.ts';

const MINUTE_MS = 60_000;
const ROOMY = { maxCounters: 1_000, maxPerCredential: 1_000 };

const tokenOf = (n: number): CredentialHolder => ({ ...token, id: `tkn_${n}` as TokenId });
const keyOf = (n: number): CredentialHolder => ({ ...apiKey, id: `key_${n}` as ApiKeyId });

type Use = Parameters<ReturnType<typeof createTally>['count']>;
const usual: Use = [tokenOf(1), keyOf(1), 'active', '192.0.2.1', 0];

describe('uses that are alike', () => {
  test('are one counter, with the first and the last time', () => {
    const tally = createTally(ROOMY);
    for (const atMs of [5, 7, 6]) tally.count(tokenOf(1), keyOf(1), 'active', '192.0.2.1', atMs);
    expect(tally.take()).toMatchObject([{ count: 3, firstAtMs: 5, lastAtMs: 7, minute: 0 }]);
    expect(tally.take()).toEqual([]);
  });

  test('are one counter also when others come in between', () => {
    const tally = createTally(ROOMY);
    for (const source of ['a', 'b', 'a', 'b', 'a']) tally.count(tokenOf(1), keyOf(1), 'active', source, 0);
    expect(tally.take().map(({ source, count }) => [source, count])).toEqual([
      ['a', 3],
      ['b', 2],
    ]);
  });
});

describe('a use is told apart by its', () => {
  test.each<[string, Use]>([
    ['token', [tokenOf(2), keyOf(1), 'active', '192.0.2.1', 0]],
    ['secret', [{ ...token, id: 'tkn_1' as TokenId, secret: 'previous' }, keyOf(1), 'active', '192.0.2.1', 0]],
    ['introspector', [tokenOf(1), keyOf(2), 'active', '192.0.2.1', 0]],
    ['call to Tooken itself', [tokenOf(1), null, 'active', '192.0.2.1', 0]],
    ['outcome', [tokenOf(1), keyOf(1), 'missing_scope', '192.0.2.1', 0]],
    ['source', [tokenOf(1), keyOf(1), 'active', '192.0.2.2', 0]],
    ['lack of a source', [tokenOf(1), keyOf(1), 'active', null, 0]],
    ['minute', [tokenOf(1), keyOf(1), 'active', '192.0.2.1', MINUTE_MS]],
  ])('%s', (_, other) => {
    const tally = createTally(ROOMY);
    tally.count(...usual);
    tally.count(...other);
    tally.count(...usual);
    expect(tally.take().map(({ count }) => count)).toEqual([2, 1]);
  });
});

describe('a flood', () => {
  test('of sources of one token is counted without them, and leaves room for other tokens', () => {
    const tally = createTally({ maxCounters: 1_000, maxPerCredential: 3 });
    for (let n = 0; n < 10; n += 1) tally.count(tokenOf(1), keyOf(1), 'active', `s${n}`, 0);
    tally.count(tokenOf(2), keyOf(1), 'active', 'other', 0);
    expect(tally.take().map(({ source, count }) => [source, count])).toEqual([
      ['s0', 1],
      ['s1', 1],
      ['s2', 1],
      [null, 7],
      ['other', 1],
    ]);
  });

  test('of tokens is counted without sources, and then by introspector and outcome', () => {
    const tally = createTally({ maxCounters: 2, maxPerCredential: 10 });
    for (let n = 0; n < 8; n += 1) tally.count(tokenOf(n), keyOf(1), n < 7 ? 'active' : 'revoked', 'source', 0);
    expect(tally.take().map(({ used, source, outcome, count }) => [used?.id, source, outcome, count])).toEqual([
      ['tkn_0', 'source', 'active', 1],
      ['tkn_1', 'source', 'active', 1],
      ['tkn_2', null, 'active', 1],
      ['tkn_3', null, 'active', 1],
      [undefined, null, 'active', 3],
      [undefined, null, 'revoked', 1],
    ]);
  });

  test('loses no introspection and needs no more counters than its bounds allow', () => {
    const outcomes: UsageOutcome[] = ['active', 'revoked'];
    const one = fc.record({
      token: fc.nat(20),
      introspector: fc.nat(1),
      outcome: fc.constantFrom(...outcomes),
      source: fc.option(fc.constantFrom('a', 'b', 'c', 'd')),
      atMs: fc.nat(2 * MINUTE_MS - 1),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 200 }), (uses) => {
        const tally = createTally({ maxCounters: 10, maxPerCredential: 2 });
        for (const { token: n, introspector, outcome, source, atMs } of uses)
          tally.count(tokenOf(n), keyOf(introspector), outcome, source, atMs);
        const counters = tally.take();
        expect(usesIn(counters)).toBe(uses.length);
        // Two introspectors, outcomes and minutes are all that is told apart without tokens.
        expect(counters.length).toBeLessThanOrEqual(20 + 2 * 2 * 2);
      }),
    );
  });
});

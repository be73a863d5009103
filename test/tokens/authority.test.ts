import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { effectiveScopes, grantableScopes, grantsScope, type Scope } from '../../src/identity/scopes.ts';
import { decideAuthority, type Reach } from '../../src/tokens/authority.ts';

const scope = fc
  .tuple(fc.constantFrom('invoices', 'payments', 'tokens'), fc.constantFrom('read', 'write', 'void'))
  .map(([resource, action]) => `${resource}:${action}` as Scope);
const scopeSet = fc.uniqueArray(scope, { minLength: 1, maxLength: 6 });
const cidr = fc.constantFrom(
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.1.0.0/16',
  '10.1.2.0/24',
  '192.0.2.7/32',
  '::/0',
  '2001:db8::/32',
);
const reach: fc.Arbitrary<Reach> = fc.record({
  scopes: scopeSet,
  audience: fc.constantFrom(null, 'a', 'b'),
  allowedCidrs: fc.option(fc.uniqueArray(cidr, { minLength: 1, maxLength: 3 })),
  expiresAt: fc.option(fc.integer({ min: 1, max: 4 }).map((day) => new Date(day * 86_400_000))),
});
const may = (holder: Reach, target: Reach) => decideAuthority(holder, target).allowed;

describe('authority of one token over another', () => {
  test('every token has it over itself', () => {
    fc.assert(fc.property(reach, (token) => may(token, token)));
  });

  test('passes on: no chain of tokens ends up wider than its first', () => {
    const reaches = [['a:read'], ['a:write'], ['b:read'], ['a:write', 'b:read']].flatMap((scopes) =>
      [null, 'a', 'b'].flatMap((audience) =>
        [null, ['10.0.0.0/8'], ['10.1.0.0/16'], ['10.1.0.0/16', '::/0']].flatMap((allowedCidrs) =>
          [null, new Date(1), new Date(2)].map((expiresAt): Reach => ({ scopes, audience, allowedCidrs, expiresAt })),
        ),
      ),
    );
    const table = reaches.map((holder) => reaches.map((target) => may(holder, target)));
    const wider = table.flatMap((row, first) =>
      row.flatMap((mayManage, second) =>
        mayManage
          ? (table[second] ?? []).filter((mayManageThird, third) => mayManageThird && !table[first]?.[third])
          : [],
      ),
    );
    expect(table.flat().filter(Boolean).length).toBeGreaterThan(reaches.length);
    expect(wider).toEqual([]);
  });

  test('is exactly the subset relation of effective scopes, where nothing else is limited', () => {
    const unlimited = { audience: null, allowedCidrs: null, expiresAt: null };
    fc.assert(
      fc.property(scopeSet, scopeSet, (held, wanted) => {
        const all = new Set(effectiveScopes(held));
        const isSubset = effectiveScopes(wanted).every((one) => all.has(one));
        expect(may({ ...unlimited, scopes: held }, { ...unlimited, scopes: wanted })).toBe(isSubset);
      }),
    );
  });

  test('names the scope that is missing', () => {
    const holder = { scopes: ['tokens:write'], audience: null, allowedCidrs: null, expiresAt: null };
    expect(decideAuthority(holder, { ...holder, scopes: ['invoices:write'] })).toEqual({
      allowed: false,
      code: 'insufficient_scope',
      scope: 'invoices:read',
    });
  });

  const wide: Reach = { scopes: ['tokens:write'], audience: null, allowedCidrs: null, expiresAt: null };
  const at = (iso: string) => new Date(iso);
  test.each<[string, Partial<Reach>, Partial<Reach>, boolean]>([
    ['an earlier expiry', { expiresAt: at('2030-01-02') }, { expiresAt: at('2030-01-01') }, true],
    ['the same expiry', { expiresAt: at('2030-01-02') }, { expiresAt: at('2030-01-02') }, true],
    ['a later expiry', { expiresAt: at('2030-01-02') }, { expiresAt: at('2030-01-03') }, false],
    ['no expiry under an expiry', { expiresAt: at('2030-01-02') }, {}, false],
    ['any expiry under none', {}, { expiresAt: at('9000-01-01') }, true],
    ['the same audience', { audience: 'a' }, { audience: 'a' }, true],
    ['another audience', { audience: 'a' }, { audience: 'b' }, false],
    ['no audience under an audience', { audience: 'a' }, {}, false],
    ['an audience under none', {}, { audience: 'b' }, true],
    ['a narrower block', { allowedCidrs: ['10.0.0.0/8'] }, { allowedCidrs: ['10.1.0.0/16'] }, true],
    [
      'a block partly outside',
      { allowedCidrs: ['10.1.0.0/16'] },
      { allowedCidrs: ['10.1.0.0/16', '10.0.0.0/8'] },
      false,
    ],
    ['IPv6 under IPv4', { allowedCidrs: ['0.0.0.0/0'] }, { allowedCidrs: ['::/0'] }, false],
    ['every address under a list', { allowedCidrs: ['0.0.0.0/0', '::/0'] }, {}, false],
  ])('%s', (_, holder, target, allowed) => {
    expect(may({ ...wide, ...holder }, { ...wide, ...target })).toBe(allowed);
  });
});

describe('scopes', () => {
  test('write implies read of the same resource and nothing else', () => {
    fc.assert(
      fc.property(scopeSet, scope, (held, needed) => {
        const byWrite = needed.endsWith(':read') && held.includes(needed.replace(/read$/, 'write') as Scope);
        expect(grantsScope(held, needed)).toBe(held.includes(needed) || byWrite);
        expect(effectiveScopes(held).includes(needed)).toBe(grantsScope(held, needed));
      }),
    );
  });

  test('are kept in one order, each once', () => {
    fc.assert(
      fc.property(fc.array(scope), (given) => {
        const kept = grantableScopes(given);
        expect(kept).toEqual([...new Set(given)].sort());
        expect(grantableScopes([...given].reverse())).toEqual(kept);
      }),
    );
  });
});

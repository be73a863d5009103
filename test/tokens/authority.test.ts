import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  effectiveScopes,
  effectiveScopesOf,
  grantableScopes,
  grantsScope,
  type Scope,
} from '../../src/identity/scopes.ts';
import type { MemberId, ProjectId } from '../../src/lib/ids.ts';
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
const [ada, bob] = ['usr_ada', 'usr_bob'] as unknown as [MemberId, MemberId];
const [web, app] = ['prj_web', 'prj_app'] as unknown as [ProjectId, ProjectId];
const anywhere = { ownerId: null, projectId: null };
const reach: fc.Arbitrary<Reach> = fc.record({
  scopes: scopeSet,
  ownerId: fc.constantFrom(null, ada, bob),
  projectId: fc.constantFrom(null, web, app),
  audience: fc.constantFrom(null, 'a', 'b'),
  allowedCidrs: fc.option(fc.uniqueArray(cidr, { minLength: 1, maxLength: 3 })),
  expiresAt: fc.option(fc.integer({ min: 1, max: 4 }).map((day) => new Date(day * 86_400_000))),
});
const may = (holder: Reach, target: Reach) => decideAuthority(holder, target).allowed;

describe('authority of one token over another', () => {
  test('every token has it over itself', () => {
    fc.assert(fc.property(reach, (token) => may(token, token)));
  });

  test('holds whatever becomes of the roles of owners: what is within what was given stays within what can be done', () => {
    const rolesOf = fc.record({ usr_ada: fc.array(scope), usr_bob: fc.array(scope) });
    const can = ({ scopes, ownerId }: Reach, roles: Readonly<Record<string, readonly Scope[]>>) =>
      effectiveScopesOf({
        scopes: scopes as Scope[],
        roleScopes: [],
        ownerScopes: ownerId === null ? null : (roles[ownerId] ?? []),
      });
    fc.assert(
      fc.property(reach, reach, fc.boolean(), rolesOf, (holder, other, isClose, roles) => {
        const narrowed = effectiveScopes(holder.scopes as Scope[]).filter((one) => other.scopes.includes(one));
        // Most pairs have nothing to do with each other; one limited in the same way shows more.
        const target = isClose ? { ...holder, scopes: narrowed, ownerId: holder.ownerId ?? other.ownerId } : other;
        expect(may(holder, target)).toBe(isClose || may(holder, other));
        if (!may(holder, target)) return;
        const holding = can(holder, roles);
        expect(can(target, roles).filter((one) => !holding.includes(one))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('passes on: no chain of tokens ends up wider than its first', () => {
    const reaches = [['a:read'], ['a:write'], ['b:read'], ['a:write', 'b:read']].flatMap((scopes) =>
      [null, 'a', 'b'].flatMap((audience) =>
        [null, ['10.0.0.0/8'], ['10.1.0.0/16'], ['10.1.0.0/16', '::/0']].flatMap((allowedCidrs) =>
          [null, new Date(1), new Date(2)].flatMap((expiresAt) =>
            [anywhere, { ...anywhere, ownerId: ada }, { ownerId: bob, projectId: web }].map(
              (place): Reach => ({ ...place, scopes, audience, allowedCidrs, expiresAt }),
            ),
          ),
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
    const unlimited = { ...anywhere, audience: null, allowedCidrs: null, expiresAt: null };
    fc.assert(
      fc.property(scopeSet, scopeSet, (held, wanted) => {
        const all = new Set(effectiveScopes(held));
        const isSubset = effectiveScopes(wanted).every((one) => all.has(one));
        expect(may({ ...unlimited, scopes: held }, { ...unlimited, scopes: wanted })).toBe(isSubset);
      }),
    );
  });

  test('names the scope that is missing', () => {
    const holder = { ...anywhere, scopes: ['tokens:write'], audience: null, allowedCidrs: null, expiresAt: null };
    expect(decideAuthority(holder, { ...holder, scopes: ['invoices:write'] })).toEqual({
      allowed: false,
      code: 'insufficient_scope',
      scope: 'invoices:read',
    });
  });

  const wide: Reach = { ...anywhere, scopes: ['tokens:write'], audience: null, allowedCidrs: null, expiresAt: null };
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
    ['the same owner', { ownerId: ada }, { ownerId: ada }, true],
    ['another owner', { ownerId: ada }, { ownerId: bob }, false],
    ['no owner under an owner', { ownerId: ada }, {}, false],
    ['an owner under none', {}, { ownerId: bob }, true],
    ['the same project', { projectId: web }, { projectId: web }, true],
    ['another project', { projectId: web }, { projectId: app }, false],
    ['no project under a project', { projectId: web }, {}, false],
    ['a project under none', {}, { projectId: app }, true],
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

  test('of a token are its own and those of its role, with implied reads, as far as its owner goes', () => {
    const roles = fc.array(scope, { maxLength: 6 });
    fc.assert(
      fc.property(roles, roles, fc.option(roles), scope, (own, roleScopes, ownerScopes, needed) => {
        const effective = effectiveScopesOf({ scopes: own, roleScopes, ownerScopes });
        const isGiven = grantsScope(own, needed) || grantsScope(roleScopes, needed);
        expect(effective.includes(needed)).toBe(isGiven && (ownerScopes === null || grantsScope(ownerScopes, needed)));
        // Closed: asking with or without implied reads comes to the same.
        expect(effectiveScopes(effective)).toEqual(effective);
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

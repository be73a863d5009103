import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACCESS_LEVELS, type AccessLevel } from '../../src/identity/access-level.ts';
import type { MemberPrincipal, TokenOwner, TokenPrincipal } from '../../src/identity/principal.ts';
import { RESERVED_SCOPES } from '../../src/identity/scopes.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { newId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { type OperationAccess, STEP_UP_SECONDS } from '../../src/rights/operation.ts';
import { decideAccess, OPERATIONS } from '../../src/rights/rights.ts';

const ids = { clock: systemClock, random: systemRandom };
const workspaceId = newId('ws', ids);
const now = new Date('2027-03-01T12:00:00Z');

function memberOf(access: AccessLevel, ageMs: number): MemberPrincipal {
  const authenticatedAt = new Date(now.getTime() - ageMs);
  const ofSession = { sessionId: newId('ses', ids), authenticatedAt };
  const ofMember = { id: newId('usr', ids), name: 'Ada', access, scopes: [] };
  return { kind: 'member', workspaceId, environment: 'live', ...ofMember, ...ofSession };
}

function tokenOf(scopes: readonly string[], environment: 'live' | 'test', owner: TokenOwner | null): TokenPrincipal {
  const limits = { audience: null, allowedCidrs: null, notBefore: null, expiresAt: null };
  const ofToken = { id: newId('tkn', ids), name: 'job', scopes, projectId: null, secret: 'current' as const };
  return { kind: 'token', workspaceId, environment, owner, ...ofToken, ...limits };
}

const rows: readonly OperationAccess[] = Object.values(OPERATIONS);
const anyRow = fc.constantFrom(...rows);
const steppedUp: OperationAccess = OPERATIONS.createApiKey;
const decide = (row: OperationAccess, principal: MemberPrincipal | TokenPrincipal) =>
  decideAccess(row, principal, { now, workspace: workspaceId });

describe('a proof of who somebody is', () => {
  it('is good for ten minutes, to the millisecond', () => {
    const age = (ms: number) => decide(steppedUp, memberOf('owner', ms));
    expect([age(0), age(STEP_UP_SECONDS * 1000)]).toEqual([{ allowed: true }, { allowed: true }]);
    expect(age(STEP_UP_SECONDS * 1000 + 1)).toEqual({ allowed: false, code: 'insufficient_user_authentication' });
  });

  it('is not asked for of those who may not anyway', () => {
    const told = (ageMs: number) => decide(steppedUp, memberOf('auditor', ageMs));
    expect(told(0)).toMatchObject({ allowed: false, code: 'forbidden' });
    expect(told(3_600_000)).toEqual(told(0));
  });
});

describe('a token', () => {
  const anyToken = fc.record({
    scopes: fc.subarray([...RESERVED_SCOPES]),
    environment: fc.constantFrom('live' as const, 'test' as const),
  });

  it('may no more for belonging to a member, whoever that is', () => {
    fc.assert(
      fc.property(anyRow, anyToken, fc.constantFrom(...ACCESS_LEVELS), (row, { scopes, environment }, access) => {
        const owned = decide(row, tokenOf(scopes, environment, { id: newId('usr', ids), access }));
        return !owned.allowed || decide(row, tokenOf(scopes, environment, null)).allowed;
      }),
    );
  });

  it('may no more than its owner, but for what any token may', () => {
    fc.assert(
      fc.property(anyRow, anyToken, fc.constantFrom(...ACCESS_LEVELS), (row, { scopes, environment }, access) => {
        const owned = decide(row, tokenOf(scopes, environment, { id: newId('usr', ids), access }));
        return !owned.allowed || row.token === 'any' || decide(row, memberOf(access, 0)).allowed;
      }),
    );
  });

  it('makes no call for which people have to step up', () => {
    for (const row of rows.filter(({ stepUp }) => stepUp === true)) {
      expect(decide(row, tokenOf(RESERVED_SCOPES, 'live', null))).toMatchObject({ allowed: false, code: 'forbidden' });
    }
  });
});

describe('what people alone may do', () => {
  it('is what mints credentials, and what makes, changes or erases people', () => {
    const alone = Object.entries<OperationAccess>(OPERATIONS).filter(
      ([, { apiKey, token, open }]) => apiKey === 'never' && token === 'never' && open !== 'always',
    );
    const places = new Set(alone.map(([, { path }]) => path.split('/').slice(1, 3).join('/')));
    expect([...places].sort()).toEqual(['v1/api-keys', 'v1/audit-log', 'v1/auth', 'v1/members']);
  });
});

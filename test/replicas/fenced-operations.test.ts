import { describe, expect, it } from 'vitest';
import { OAUTH_OPERATIONS, OPERATIONS } from '../../src/rights/rights.ts';
import { tooken } from '../cli/command-line.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { createTestService, MASTER_KEY } from '../support/service.ts';
import { takingFromPeople } from './fenced-people.ts';
import { plantCrashedReplica, registeredReplicas } from './table.ts';
import type { Taking } from './taking.ts';

const database = await createTestDatabase();
const service = await createTestService(database);
const workspace = await service.addWorkspace('fenced');
const { secret } = workspace.live;
const { db } = service.context;

/** Short, since every operation waits for the end of one. */
const LEASE_MS = 200;

const call = async (method: string, path: string, json?: unknown, headers: Record<string, string> = {}) => {
  const answer = await service.call(method, path, { secret, json, headers });
  expect(answer.status).toBe(200);
  return answer.body;
};

async function issue(terms: object = {}) {
  const json = { name: 'fenced', scopes: ['a:read', 'b:read'], ...terms };
  const { body } = await service.call('POST', '/v1/tokens', { secret, json });
  return { id: body.token.id as string, value: body.secret as string };
}

const update = (id: string, json: object) => call('PATCH', `/v1/tokens/${id}`, json);
const rotate = (id: string, json: object = {}, headers = {}) => call('POST', `/v1/tokens/${id}/rotate`, json, headers);
const finish = (id: string) => call('POST', `/v1/tokens/${id}/rotate/finish`, {});
const revoke = (id: string, json: object = {}) => call('POST', `/v1/tokens/${id}/revoke`, json);
const byValue = (token: string) => call('POST', '/v1/tokens/revoke', { token });

const command = async (...args: string[]) => {
  const env = { DATABASE_URL: databaseUrl(database.app), TOOKEN_MASTER_KEY: MASTER_KEY.toString('base64') };
  const { code, stderr } = await tooken({ env }, ...args, '--workspace', workspace.id);
  expect([code, stderr]).toEqual([0, expect.anything()]);
};

/** A change of a token that is issued for it. */
function ofToken(
  operation: Taking['operation'],
  what: string,
  act: (id: string, value: string) => Promise<unknown>,
  before: (id: string, value: string) => Promise<unknown> = async () => {},
): Taking {
  const prepare = async () => {
    const { id, value } = await issue();
    await before(id, value);
    return () => act(id, value);
  };
  return { operation, what, prepare };
}

const soon = () => new Date(Date.now() + 3_600_000).toISOString();
const once = { 'idempotency-key': 'one rotation, twice'.replaceAll(' ', '-') };

const TAKING: readonly Taking[] = [
  ...takingFromPeople(service, workspace),
  ofToken('updateToken', 'narrowed scopes', (id) => update(id, { scopes: ['a:read'] })),
  ofToken('updateToken', 'narrowed addresses', (id) => update(id, { allowed_cidrs: ['192.0.2.0/24'] })),
  ofToken('updateToken', 'an earlier expiry', (id) => update(id, { expires_at: soon() })),
  ofToken('updateToken', 'an update that changes nothing', (id) => update(id, { name: 'fenced' })),
  ofToken('rotateToken', 'a rotation', (id) => rotate(id)),
  ofToken('rotateToken', 'a rotation with a grace period', (id) => rotate(id, { grace_seconds: 60 })),
  ofToken(
    'rotateToken',
    'the repetition of a rotation',
    (id) => rotate(id, {}, once),
    (id) => rotate(id, {}, once),
  ),
  ofToken('finishRotation', 'the end of an overlap', finish, (id) => rotate(id, { grace_seconds: 60 })),
  ofToken('finishRotation', 'the end of an overlap that is none', finish),
  ofToken('revokeToken', 'a revocation', (id) => revoke(id)),
  ofToken('revokeToken', 'a revocation with what was issued', (id) => revoke(id, { with_issued: true })),
  ofToken(
    'revokeToken',
    'a second revocation',
    (id) => revoke(id),
    (id) => revoke(id),
  ),
  ofToken('revokeByValue', 'a revocation by value', (_, value) => byValue(value)),
  ofToken(
    'revokeByValue',
    'a second revocation by value',
    (_, value) => byValue(value),
    (_, value) => byValue(value),
  ),
  {
    operation: 'tooken',
    what: 'keys regenerate',
    prepare: async () => () => command('keys', 'regenerate', workspace.test.id),
  },
  {
    operation: 'tooken',
    what: 'keys delete',
    prepare: async () => () => command('keys', 'delete', workspace.test.id, '--yes'),
  },
];

/** Operations that change something, and take nothing that a replica would have to forget before they answer. */
const TAKES_NOTHING = new Set([
  'issueToken',
  // Of a token that has ended.
  'deleteToken',
  // What tokens hold stays as it is.
  'createScope',
  'updateScope',
  'deleteScope',
  'updateSettings',
  'erasePersonalData',
  'exportAuditLog',
  'createApiKey',
  'createRole',
  'createGroup',
  'createProject',
  'updateProject',
  // What is left in it has ended.
  'deleteProject',
  'login',
  'verifyTotp',
  'stepUp',
  'createMember',
  'inviteMember',
  'inviteMemberAgain',
  'acceptInvitation',
  'createPasswordReset',
  'forgotPassword',
  'enableTotp',
  'replaceRecoveryCodes',
]);

describe('what takes rights away', () => {
  it.each(TAKING)(
    'waits for a replica that does not answer, and evicts it: $what',
    { timeout: 60_000 },
    async ({ prepare }) => {
      const act = await prepare();
      const crashed = await plantCrashedReplica(db, LEASE_MS);
      const answer = await act();
      expect(await registeredReplicas(db)).not.toContain(crashed);
      const told = answer as { effective?: { replicas: number; waited_ms: number } } | undefined;
      if (told?.effective !== undefined) {
        expect(told.effective.replicas).toBe(1);
        expect(told.effective.waited_ms).toBeGreaterThan(LEASE_MS);
      }
    },
  );

  it('is every operation that changes something, but for those that take nothing', () => {
    const all = Object.entries({ ...OPERATIONS, ...OAUTH_OPERATIONS });
    const changing = all.filter(([, operation]) => 'event' in operation).map(([name]) => name);
    const taking: string[] = TAKING.map(({ operation }) => operation);
    expect(changing.filter((name) => !taking.includes(name) && !TAKES_NOTHING.has(name))).toEqual([]);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { generateCredential } from '../../src/credentials/format.ts';
import { regenerateApiKey } from '../../src/keys/regenerate.ts';
import { idToUuid, newId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createTestDatabase } from '../support/database.ts';
import { type HeldRows, startDatabaseProxy } from '../support/proxy.ts';
import { createTestService, type TestService } from '../support/service.ts';
import { haveAllApplied } from './table.ts';

const database = await createTestDatabase();
const proxy = await startDatabaseProxy(database.app);
afterAll(() => proxy[Symbol.asyncDispose]());

const BOUNDS = { TOOKEN_CACHE_TOKENS: '40', TOOKEN_CACHE_UNKNOWN: '20' };
// Patient with the machine: only what is held back is late here.
const env = { TOOKEN_LEASE_SECONDS: '10', ...BOUNDS };
const near = await createTestService(database, env);
const remote = await createTestService({ ...database, app: proxy.through(database.app) }, env);
const workspace = await near.addWorkspace('races');
const keeper = workspace.live.secret;
const { context } = near;

async function issue(terms: object = {}) {
  const json = { name: 'raced', scopes: ['a:read', 'b:read'], ...terms };
  const { body } = await near.call('POST', '/v1/tokens', { secret: keeper, json });
  return { id: body.token.id as string, value: body.secret as string };
}

interface Verdict {
  readonly status: number;
  readonly active: boolean | undefined;
  readonly scope: string | undefined;
}

async function introspect(service: TestService, token: string, secret = keeper): Promise<Verdict> {
  const { status, body } = await service.call('POST', '/v1/tokens/introspect', { secret, json: { token } });
  return { status, active: body.active, scope: body.scope };
}

const change = (path: string, json: object, method = 'POST') => near.call(method, path, { secret: keeper, json });

/** Has the remote replica remember the caller, or what it is asked about, so that it looks up nothing but the other. */
const remember = (token: string, secret = keeper) => introspect(remote, token, secret);

/** Holds back what the remote replica looks up, and waits until `asked` has come so far. */
async function holdLookUps(asked: () => Promise<unknown>): Promise<{ held: HeldRows; asking: Promise<unknown> }> {
  const held = proxy.holdRows('tooken-look-up');
  const asking = asked();
  await expect.poll(() => held.count(), { timeout: 10_000 }).toBeGreaterThan(0);
  return { held, asking };
}

/** Both connections for look-ups that the remote replica has: on a new one the driver has questions of its own first. */
async function openConnections(): Promise<void> {
  await remember((await issue()).value);
  const held = proxy.holdRows('tooken-look-up');
  const asking: Promise<unknown>[] = [];
  for (const count of [1, 2]) {
    asking.push(remember((await issue()).value));
    while (held.count() < count) await sleep(10);
  }
  held.release();
  await Promise.all(asking);
}

await openConnections();

const INACTIVE = { status: 200, active: false, scope: undefined };

interface Race {
  readonly what: string;
  take(id: string): Promise<unknown>;
  readonly after: Partial<Verdict>;
}

const RACES: readonly Race[] = [
  { what: 'a revocation', take: (id) => change(`/v1/tokens/${id}/revoke`, {}), after: INACTIVE },
  { what: 'a rotation', take: (id) => change(`/v1/tokens/${id}/rotate`, {}), after: INACTIVE },
  {
    what: 'narrowed scopes',
    take: (id) => change(`/v1/tokens/${id}`, { scopes: ['a:read'] }, 'PATCH'),
    after: { active: true, scope: 'a:read' },
  },
  {
    what: 'narrowed addresses',
    take: (id) => change(`/v1/tokens/${id}`, { allowed_cidrs: ['192.0.2.0/24'] }, 'PATCH'),
    after: INACTIVE,
  },
];

describe('a look-up that is under way', { timeout: 30_000 }, () => {
  it.each(RACES)(
    'while $what completes elsewhere is neither answered nor remembered as it was',
    async ({ take, after }) => {
      const { id, value } = await issue();
      const { held, asking } = await holdLookUps(() => introspect(remote, value));
      await take(id);
      const askedLater = introspect(remote, value);
      held.release();
      // Either would do for the first, which was asked before; but what is known to be old is not told.
      expect(await asking).toMatchObject(after);
      expect(await askedLater).toMatchObject(after);
      expect(await introspect(remote, value)).toMatchObject(after);
    },
  );

  it('while the key of the caller gets a new value lets nobody in with the old one', async () => {
    const principal = { kind: 'system', workspaceId: workspace.id, environment: 'live' } as const;
    const request = { id: 'test', method: 'CLI', route: 'test', ip: null, userAgent: null };
    const caller = await near.addWorkspace('callers');
    const about = { secret: caller.live.secret, json: { name: 'raced', scopes: ['a:read'] } };
    const { body } = await near.call('POST', '/v1/tokens', about);
    const value = body.secret;
    await remember(value);
    const { held, asking } = await holdLookUps(() => introspect(remote, value, caller.live.secret));
    const acting = { principal: { ...principal, workspaceId: caller.id }, request };
    const regenerated = await regenerateApiKey(context, acting, caller.live.id);
    held.release();
    expect(await asking).toMatchObject({ status: 401 });
    expect(await introspect(remote, value, caller.live.secret)).toMatchObject({ status: 401 });
    expect(await introspect(remote, value, regenerated.secret)).toMatchObject({ status: 200, active: true });
  });

  it('while its credential comes to be is not remembered as unknown', async () => {
    const credential = generateCredential('tkn', 'live', systemRandom);
    const { held, asking } = await holdLookUps(() => introspect(remote, credential));
    await insertToken(credential);
    await expect.poll(() => haveAllApplied(context.db), { timeout: 20_000 }).toBe(true);
    held.release();
    expect(await asking).toMatchObject({ active: true });
    expect(await introspect(remote, credential)).toMatchObject({ active: true });
  });
});

/** As an import brings a token in: without a word to anybody. */
async function insertToken(credential: ReturnType<typeof generateCredential>): Promise<void> {
  const { db, digest } = context;
  const id = idToUuid(newId('tkn', context));
  await db.$client`
    insert into tokens (id, workspace_id, environment, name, hint, scopes, metadata, created_at, created_by)
    values (${id}, ${idToUuid(workspace.id)}, 'live', 'imported', '', '{a:read}', '{}', now(), 'system')`;
  await db.$client`
    insert into token_secrets (digest, token_id, created_at) values (${digest(credential)}, ${id}, now())`;
}

describe('what is remembered as unknown', { timeout: 60_000 }, () => {
  it('ends when the credential comes to be', async () => {
    const credential = generateCredential('tkn', 'live', systemRandom);
    for (const service of [near, remote]) expect(await introspect(service, credential)).toEqual(INACTIVE);
    await insertToken(credential);
    await expect.poll(() => haveAllApplied(context.db), { timeout: 20_000 }).toBe(true);
    for (const service of [near, remote]) expect(await introspect(service, credential)).toMatchObject({ active: true });
  });

  it('takes no place of what is known', async () => {
    const known = await Promise.all(Array.from({ length: 10 }, () => issue()));
    const answers = () => Promise.all(known.map(({ value }) => introspect(remote, value)));
    await answers();
    for (let n = 0; n < 10; n += 1) {
      const garbage = Array.from({ length: 50 }, () => generateCredential('tkn', 'live', systemRandom));
      const verdicts = await Promise.all(garbage.map((credential) => introspect(remote, credential)));
      expect(new Set(verdicts.map(({ active }) => active))).toEqual(new Set([false]));
    }
    const held = proxy.holdRows('tooken-look-up');
    expect(new Set((await answers()).map(({ active }) => active))).toEqual(new Set([true]));
    expect(held.count()).toBe(0);
    held.release();
  });
});

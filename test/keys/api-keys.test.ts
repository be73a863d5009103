import { beforeAll, describe, expect, test } from 'vitest';
import { type Credential, parseCredential } from '../../src/credentials/format.ts';
import { connect } from '../../src/db/connection.ts';
import type { Caller } from '../../src/identity/principal.ts';
import { selectRecords } from '../../src/introspection/store.ts';
import { createApiKey, type NewApiKey } from '../../src/keys/create.ts';
import { deleteApiKey } from '../../src/keys/delete.ts';
import { allApiKeys, getApiKey, listApiKeys } from '../../src/keys/list.ts';
import { regenerateApiKey } from '../../src/keys/regenerate.ts';
import { createCursorCodec } from '../../src/lib/cursor.ts';
import { idToUuid, newId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { createWorkspace } from '../support/workspaces.ts';
import { createDeps } from './deps.ts';
import { appendedEvents } from './events.ts';

const database = await createTestDatabase();
const deps = createDeps(database.app);
const request = { id: newId('req', deps), method: 'CLI', route: 'test', ip: null, userAgent: null };

async function newCaller(name: string): Promise<Caller> {
  const { id: workspaceId } = await createWorkspace(deps, request, name);
  return { principal: { kind: 'system', workspaceId, environment: 'live' }, request };
}

let [alpha, beta] = [] as unknown as [Caller, Caller];
beforeAll(async () => {
  [alpha, beta] = [await newCaller('alpha'), await newCaller('beta')];
});

const create = (input: Partial<NewApiKey> = {}, caller = alpha) =>
  createApiKey(deps, caller, { name: 'ci', environment: 'live', ...input });

/** What the service knows of a value: the record it leads to. */
async function recordOf(secret: string) {
  const digest = deps.digest(secret as Credential);
  return (await selectRecords(deps.db, [digest], [])).records.get(digest.toString('hex'));
}

async function lastEvent() {
  return (await appendedEvents(deps)).at(-1);
}

const soon = (): Date => new Date(deps.clock.now().getTime() + 3_600_000);

describe('a created key', () => {
  test('is known by its value, of which only a digest and a hint are stored', async () => {
    const { apiKey, secret } = await create({ environment: 'test' });
    expect(parseCredential(secret)).toMatch(/^tok_test_/);
    expect(await recordOf(secret)).toMatchObject({ kind: 'api_key', id: apiKey.id, environment: 'test' });
    const [row] = await deps.db
      .$client`select to_jsonb(k)::text as text from api_keys k where id = ${idToUuid(apiKey.id)}`;
    expect(row?.text).not.toContain(secret.slice(-49, -6));
    expect(row?.text).toContain(apiKey.hint);
    expect(await lastEvent()).toMatchObject({
      action: 'api_key.created',
      environment: 'test',
      actor: { type: 'system' },
      targets: [{ type: 'api_key', id: apiKey.id }],
    });
  });

  test('carries its expiry and its address list in canonical form', async () => {
    const expiresAt = soon();
    const { apiKey, secret } = await create({
      name: '  CI  ',
      expiresAt,
      allowedCidrs: ['192.0.2.77/24', '2001:db8::1', '192.0.2.0/24'],
    });
    expect(await getApiKey(deps, alpha.principal.workspaceId, apiKey.id)).toEqual(apiKey);
    expect(apiKey).toMatchObject({ name: 'CI', expiresAt, allowedCidrs: ['192.0.2.0/24', '2001:db8::1/128'] });
    expect(await recordOf(secret)).toMatchObject({ expiresAt, allowedCidrs: apiKey.allowedCidrs });
  });

  test.each<[string, Partial<NewApiKey>, string]>([
    ['an empty name', { name: ' \n ' }, 'name'],
    ['a long name', { name: 'x'.repeat(129) }, 'name'],
    ['a name with a NUL', { name: 'a\0b' }, 'name'],
    ['a name with half a surrogate pair', { name: 'a\ud800' }, 'name'],
    ['an expiry that has passed', { expiresAt: new Date(0) }, 'expires_at'],
    ['an expiry that is no time', { expiresAt: new Date(Number.NaN) }, 'expires_at'],
    ['an expiry beyond the year 9999', { expiresAt: new Date(Date.UTC(10_000, 0, 1)) }, 'expires_at'],
    ['an empty address list', { allowedCidrs: [] }, 'allowed_cidrs'],
    ['too many blocks', { allowedCidrs: Array.from({ length: 51 }, (_, n) => `192.0.2.${n}`) }, 'allowed_cidrs'],
    ['a block that is none', { allowedCidrs: ['192.0.2.0/24', 'everywhere'] }, 'allowed_cidrs[1]'],
  ])('is refused with %s', async (_, input, path) => {
    const before = (await appendedEvents(deps)).length;
    await expect(create(input)).rejects.toMatchObject({ code: 'validation_failed', details: [{ path }] });
    expect((await appendedEvents(deps)).length).toBe(before);
  });
});

describe('a regenerated key', () => {
  test('has the same id and name, and its old value is unknown once the call has answered', async () => {
    const { apiKey, secret } = await create({ allowedCidrs: ['192.0.2.0/24'] });
    const result = await regenerateApiKey(deps, alpha, apiKey.id);
    expect(await recordOf(secret)).toBeUndefined();
    expect(await recordOf(result.secret)).toMatchObject({ id: apiKey.id, name: 'ci', allowedCidrs: ['192.0.2.0/24'] });
    expect(result.apiKey).toMatchObject({ id: apiKey.id, regeneratedAt: expect.any(Date) });
    expect(await getApiKey(deps, alpha.principal.workspaceId, apiKey.id)).toEqual(result.apiKey);
    expect(await lastEvent()).toMatchObject({ action: 'api_key.regenerated', targets: [{ id: apiKey.id }] });
  });

  test('has one value, however many regenerate it at once', async () => {
    const { apiKey } = await create();
    const results = await Promise.all([1, 2, 3].map(() => regenerateApiKey(deps, alpha, apiKey.id)));
    const known = await Promise.all(results.map(({ secret }) => recordOf(secret)));
    expect(known.filter((record) => record !== undefined)).toHaveLength(1);
  });

  test('cannot be one that has expired', async () => {
    const expiresAt = soon();
    const { apiKey } = await create({ expiresAt });
    const late = { ...deps, clock: { ...deps.clock, now: () => expiresAt } };
    await expect(regenerateApiKey(late, alpha, apiKey.id)).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a deleted key', () => {
  test('is unknown once the call has answered, which says how many of its tokens live on', async () => {
    const { apiKey, secret } = await create();
    await insertToken(apiKey.id, { expiresAt: soon() });
    await insertToken(apiKey.id, {});
    await insertToken(apiKey.id, { expiresAt: new Date(deps.clock.now().getTime() - 1) });
    await insertToken(apiKey.id, { revokedAt: deps.clock.now() });
    expect(await deleteApiKey(deps, alpha, apiKey.id)).toMatchObject({ apiKey: { id: apiKey.id }, liveTokenCount: 2 });
    expect(await recordOf(secret)).toBeUndefined();
    expect(await lastEvent()).toMatchObject({ action: 'api_key.deleted', targets: [{ id: apiKey.id }] });
    await expect(deleteApiKey(deps, alpha, apiKey.id)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('is deleted once, however many delete it at once', async () => {
    const { apiKey } = await create();
    const results = await Promise.allSettled([1, 2, 3].map(() => deleteApiKey(deps, alpha, apiKey.id)));
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected']);
  });
});

test.each([
  ['regenerating', regenerateApiKey],
  ['deleting', deleteApiKey],
])('%s a key wipes the stored answers that hold its value, and no others', async (_, change) => {
  const [first, second] = [await create(), await create()];
  for (const { apiKey } of [first, second]) await insertAnswer(apiKey.id);
  await change(deps, alpha, first.apiKey.id);
  const rows = await deps.db.$client`select subject_id, answer is null as wiped from idempotent_answers`;
  expect(rows.find((row) => row.subject_id === idToUuid(first.apiKey.id))).toMatchObject({ wiped: true });
  expect(rows.find((row) => row.subject_id === idToUuid(second.apiKey.id))).toMatchObject({ wiped: false });
});

test.each([
  ['read', (caller: Caller, id) => getApiKey(deps, caller.principal.workspaceId, id)],
  ['regenerated', (caller: Caller, id) => regenerateApiKey(deps, caller, id)],
  ['deleted', (caller: Caller, id) => deleteApiKey(deps, caller, id)],
] satisfies [string, (caller: Caller, id: Awaited<ReturnType<typeof create>>['apiKey']['id']) => Promise<unknown>][])(
  'a key of another workspace is not found when it is to be %s',
  async (_, act) => {
    const { apiKey, secret } = await create();
    await expect(act(beta, apiKey.id)).rejects.toMatchObject({ code: 'not_found' });
    expect(await recordOf(secret)).toMatchObject({ id: apiKey.id });
  },
);

test('a change whose event cannot be written does not happen', async () => {
  const { apiKey, secret } = await create();
  const owner = connect(database.owner, { max: 1 });
  try {
    await owner`alter table audit_pending rename to audit_pending_away`;
    await expect(create({ name: 'never' })).rejects.toThrow();
    await expect(regenerateApiKey(deps, alpha, apiKey.id)).rejects.toThrow();
    await expect(deleteApiKey(deps, alpha, apiKey.id)).rejects.toThrow();
    await owner`alter table audit_pending_away rename to audit_pending`;
  } finally {
    await owner.end();
  }
  expect(await recordOf(secret)).toMatchObject({ id: apiKey.id });
  const names = await deps.db.$client`select name from api_keys where name = 'never'`;
  expect(names).toHaveLength(0);
});

test('a list is newest first, in pages without a gap, of one workspace and if wanted one environment', async () => {
  const caller = await newCaller('gamma');
  const made = [];
  for (const n of [0, 1, 2, 3, 4]) {
    // Two of an instant: only the id tells their order.
    const now = new Date(deps.clock.now().getTime() + Math.floor(n / 2));
    const environment = n === 2 ? 'test' : 'live';
    const held = { ...deps, clock: { ...deps.clock, now: () => now } };
    made.push((await createApiKey(held, caller, { name: `key ${n}`, environment })).apiKey);
  }
  const { workspaceId } = caller.principal;
  const pages = [];
  const cursors = createCursorCodec(Buffer.alloc(32, 7));
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listApiKeys({ ...deps, cursors }, workspaceId, { limit: 2, cursor });
    pages.push(page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
  const expected = made.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1));
  expect(pages.flat()).toEqual(expected.map(({ id }) => id));
  expect((await allApiKeys(deps, workspaceId, {})).map(({ id }) => id)).toEqual(pages.flat());
  const tests = await listApiKeys({ ...deps, cursors }, workspaceId, { environment: 'test', limit: 5 });
  expect(tests).toMatchObject({ items: [{ name: 'key 2' }], nextCursor: null });
});

test('a list shows when and from where a key was last used', async () => {
  const { apiKey } = await create();
  const lastUsedAt = deps.clock.now();
  await deps.db.$client`
    insert into credential_uses (credential_id, last_used_at, last_used_from)
    values (${idToUuid(apiKey.id)}, ${lastUsedAt.toISOString()}, '192.0.2.7')`;
  const apiKeys = await allApiKeys(deps, alpha.principal.workspaceId, {});
  expect(apiKeys.find(({ id }) => id === apiKey.id)).toMatchObject({ lastUsedAt, lastUsedFrom: '192.0.2.7' });
});

async function insertToken(issuer: string, fate: { expiresAt?: Date; revokedAt?: Date }): Promise<void> {
  const [id, workspaceId] = [idToUuid(newId('tkn', deps)), idToUuid(alpha.principal.workspaceId)];
  const [expiresAt, revokedAt] = [fate.expiresAt?.toISOString() ?? null, fate.revokedAt?.toISOString() ?? null];
  await deps.db.$client`
    insert into tokens
      (id, workspace_id, environment, name, hint, scopes, metadata, expires_at, revoked_at, created_at, created_by)
    values (${id}, ${workspaceId}, 'live', 'job', 'tkn_live_…', '{}', '{}', ${expiresAt}, ${revokedAt}, now(), ${issuer})`;
}

async function insertAnswer(subject: Parameters<typeof idToUuid>[0]): Promise<void> {
  await deps.db.$client`
    insert into idempotent_answers (key_digest, request_digest, status, answer, subject_id, created_at)
    values (${deps.random.bytes(32)}, ${deps.random.bytes(32)}, 201, ${Buffer.from('sealed')}, ${idToUuid(subject)}, now())`;
}

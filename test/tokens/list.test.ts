import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/identity/principal.ts';
import { idToUuid, type TokenId } from '../../src/lib/ids.ts';
import { type ListInput, listTokens } from '../../src/tokens/list.ts';
import { revokeToken } from '../../src/tokens/revoke.ts';
import { statusOf, TOKEN_STATUSES, type Token } from '../../src/tokens/token.ts';
import { createTestDatabase } from '../support/database.ts';
import { callerOf, createWorld, keyOf, scopes } from './world.ts';

const world = await createWorld(await createTestDatabase());
const { deps, issue } = world;
const workspace = await world.addWorkspace('acme');
const key = keyOf(workspace);
const secondKey = keyOf(workspace);
const at = (seconds: number) => new Date(world.time.now.getTime() + seconds * 1000);

const tokens: Token[] = [];
const names = ['Billing export', 'billing_import', '100% sure', 'under_score', 'ÄRGER im Büro', 'back\\slash', 'a.b'];
for (let n = 0; n < 40; n += 1) {
  // Several tokens share a millisecond: the id decides then.
  if (n % 4 === 0) world.pass(1);
  const { token } = await issue(n % 3 === 0 ? secondKey : key, {
    name: names[n % names.length] ?? '',
    scopes: scopes(...(n % 5 === 0 ? ['invoices:write'] : n % 5 === 1 ? ['invoices:read', 'b:read'] : ['b:read'])),
    expiresAt: n % 4 === 0 ? at(20 + n) : n % 4 === 1 ? at(86_400 * n) : null,
    notBefore: n % 7 === 0 ? at(15) : null,
  });
  tokens.push(token);
}
for (const token of tokens.filter((_, n) => n % 6 === 5))
  await revokeToken(deps, key, token.id, { reason: null, withIssued: false });
await world.sql`insert into credential_uses (credential_id, last_used_at, last_used_from)
  select id, ${at(-5).toISOString()}, '192.0.2.9' from tokens where substr(id::text, 36) < '8'`;
await issue(keyOf(workspace, 'test'), { name: 'of the test environment' });
await issue(keyOf(await world.addWorkspace('other')), { name: 'of another workspace' });
const all = await listAll({});

async function listAll(input: Partial<ListInput>, caller: Caller = key): Promise<Token[]> {
  const found: Token[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listTokens(deps, caller, { limit: 7, ...input, ...(cursor !== undefined && { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(input.limit ?? 7);
    found.push(...page.items);
    cursor = page.nextCursor;
  }
  return found;
}

const idsOf = (list: readonly Token[]): TokenId[] => list.map(({ id }) => id);

describe('the list of tokens', () => {
  test('has every token of the workspace and environment once, newest first', () => {
    const expected = tokens.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1));
    expect(idsOf(all)).toEqual(idsOf(expected));
  });

  test.each([1, 2, 39, 40, 41, 200])('is the same in pages of %i', async (limit) => {
    expect(await listAll({ limit })).toEqual(all);
  });

  test('is not disturbed by what is issued while somebody pages', async () => {
    const first = await listTokens(deps, key, { limit: 10 });
    const { token } = await issue(key, { name: 'late' });
    const second = await listTokens(deps, key, { limit: 100, cursor: first.nextCursor ?? '' });
    expect(idsOf([...first.items, ...second.items])).toEqual(idsOf(all));
    await world.sql`delete from tokens where id = ${idToUuid(token.id)}`;
  });

  test.each(['BILL', 'billing_', '%', '_', '\\', '100%', 'a.b', 'nothing like it', "'; drop table tokens --"])(
    'finds %j in names literally, in any case',
    async (name) => {
      const expected = all.filter((token) => token.name.toLowerCase().includes(name.toLowerCase()));
      expect(idsOf(await listAll({ name }))).toEqual(idsOf(expected));
    },
  );

  test('knows the case of letters beyond ASCII', async () => {
    expect((await listAll({ name: 'ärger im bÜ' })).length).toBeGreaterThan(0);
  });

  test('shows in each status what has that status, whatever the time', async () => {
    for (const seconds of [0, 16, 30, 86_400 * 20]) {
      world.pass(seconds);
      for (const statuses of [...TOKEN_STATUSES.map((status) => [status]), ['active', 'revoked'] as const]) {
        const expected = all.filter((token) =>
          (statuses as readonly string[]).includes(statusOf(token, world.time.now)),
        );
        expect(idsOf(await listAll({ statuses }))).toEqual(idsOf(expected));
      }
    }
  });

  test.each([
    ['invoices:read', ['invoices:read', 'invoices:write']],
    ['invoices:write', ['invoices:write']],
    ['b:write', []],
  ])('finds what can do %s', async (scope, granting) => {
    const expected = all.filter((token) => token.scopes.some((held) => (granting as readonly string[]).includes(held)));
    expect(idsOf(await listAll({ scope }))).toEqual(idsOf(expected));
  });

  test('narrows by creator, expiry and use', async () => {
    const before = at(0);
    expect(idsOf(await listAll({ createdBy: secondKey.principal.id }))).toEqual(
      idsOf(all.filter((token) => token.createdBy === secondKey.principal.id)),
    );
    expect(idsOf(await listAll({ expiresBefore: before }))).toEqual(
      idsOf(all.filter(({ expiresAt }) => expiresAt !== null && expiresAt < before)),
    );
    const [used] = all.flatMap(({ lastUsedAt }) => lastUsedAt ?? []);
    if (used === undefined) throw new Error('nothing was used');
    for (const since of [used, new Date(used.getTime() + 1)]) {
      const expected = all.filter(
        (one) => one.createdAt < since && (one.lastUsedAt === null || one.lastUsedAt < since),
      );
      expect(idsOf(await listAll({ unusedSince: since }))).toEqual(idsOf(expected));
    }
  });

  test('adds its filters up', async () => {
    const [bRead] = scopes('b:read');
    const found = await listAll({ name: 'b', scope: 'b:read', createdBy: key.principal.id, statuses: ['active'] });
    const expected = all.filter(
      (token) =>
        token.name.toLowerCase().includes('b') &&
        token.scopes.some((scope) => scope === bRead) &&
        token.createdBy === key.principal.id &&
        statusOf(token, world.time.now) === 'active',
    );
    expect(idsOf(found)).toEqual(idsOf(expected));
  });

  test('is open to a token, of its own environment', async () => {
    world.time.now = new Date();
    const { token: reader } = await issue(keyOf(workspace, 'test'), { scopes: scopes('tokens:read') });
    expect((await listAll({}, callerOf(reader))).map(({ environment }) => environment)).toEqual(['test', 'test']);
  });
});

describe('a cursor', async () => {
  const { nextCursor } = await listTokens(deps, key, { limit: 2, statuses: ['active'] });
  const cursor = nextCursor ?? '';
  const refused = { code: 'invalid_request' };

  test.each<[string, Partial<ListInput>, typeof key]>([
    ['other filters', { statuses: ['revoked'] }, key],
    ['no filters', {}, key],
    ['another environment', { statuses: ['active'] }, keyOf(workspace, 'test')],
    ['another workspace', { statuses: ['active'] }, keyOf(await world.addWorkspace('third'))],
  ])('is refused with %s', async (_, filters, caller) => {
    await expect(listTokens(deps, caller, { limit: 2, cursor, ...filters })).rejects.toMatchObject(refused);
  });

  test('is refused with any character changed, and so is any other text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.nat(cursor.length - 1)), async (change) => {
        const text =
          typeof change === 'string'
            ? change
            : `${cursor.slice(0, change)}${cursor[change] === 'A' ? 'B' : 'A'}${cursor.slice(change + 1)}`;
        await expect(listTokens(deps, key, { limit: 2, statuses: ['active'], cursor: text })).rejects.toMatchObject(
          refused,
        );
      }),
    );
  });

  test('goes with another limit', async () => {
    expect((await listTokens(deps, key, { limit: 3, statuses: ['active'], cursor })).items).toHaveLength(3);
  });
});

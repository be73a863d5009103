import { describe, expect, test } from 'vitest';
import { append } from '../../src/audit/events/append.ts';
import { inTransaction } from '../../src/db/connection.ts';
import { type Attention, readAttention } from '../../src/introspection/attention/attention.ts';
import { idToUuid, type TokenId } from '../../src/lib/ids.ts';
import { newEvent } from '../audit/log.ts';
import { createTestDatabase } from '../support/database.ts';
import { keyOf } from '../tokens/world.ts';
import { createUsedWorld, DAY_MS, HOUR_MS, type Past } from './usage-of-people.ts';

const world = await createUsedWorld(await createTestDatabase());
const { deps, key, workspaceId, sql, addToken, use } = world;
const gone = await world.addMember(workspaceId, 'member');
await world.removeMember(gone.principal.id);
const staying = await world.addMember(workspaceId, 'member');
const read = (caller = key as Parameters<typeof readAttention>[1]) => readAttention(deps, caller);

/** Which of the tokens that `attention` names are among these. */
function kindsOf({ neverExpiring, idle, expiring }: Attention, id: TokenId): string[] {
  return Object.entries({ neverExpiring, idle, expiring }).flatMap(([kind, { tokens }]) =>
    tokens.some((token) => token.id === id) ? [kind] : [],
  );
}

async function withoutTokens(): Promise<void> {
  await sql`delete from tokens`;
}

describe('tokens that need attention', () => {
  test.each<[string, Past, readonly string[], number]>([
    ['without an end', {}, ['neverExpiring'], 1],
    ['without an end, revoked', { revokedMsAgo: 1 }, [], 0],
    ['without an end, not yet valid', { notBeforeInMs: HOUR_MS }, [], 0],
    ['without an end, of a member', { ownerId: staying.principal.id }, ['neverExpiring'], 1],
    ['without an end, of a member who was removed', { ownerId: gone.principal.id }, [], 0],
    ['that ends now', { expiresInMs: 0 }, [], 0],
    ['that ends in a moment', { expiresInMs: 1 }, ['expiring'], 1],
    ['that ends in 14 days', { expiresInMs: 14 * DAY_MS }, ['expiring'], 1],
    ['that ends after more than 14 days', { expiresInMs: 14 * DAY_MS + 1 }, [], 1],
    ['that ends soon and was revoked', { expiresInMs: HOUR_MS, revokedMsAgo: 1 }, [], 0],
    ['issued 90 days ago, never used', { expiresInMs: 99 * DAY_MS, createdMsAgo: 90 * DAY_MS }, [], 1],
    ['issued before that, never used', { expiresInMs: 99 * DAY_MS, createdMsAgo: 90 * DAY_MS + 1 }, ['idle'], 1],
    ['used 90 days ago', { expiresInMs: 99 * DAY_MS, createdMsAgo: 99 * DAY_MS, usedMsAgo: 90 * DAY_MS }, [], 1],
    [
      'used before that',
      { expiresInMs: 99 * DAY_MS, createdMsAgo: 99 * DAY_MS, usedMsAgo: 90 * DAY_MS + 1 },
      ['idle'],
      1,
    ],
    ['that is all of it', { expiresInMs: DAY_MS, createdMsAgo: 99 * DAY_MS }, ['idle', 'expiring'], 1],
    ['idle and revoked', { createdMsAgo: 99 * DAY_MS, revokedMsAgo: 1 }, [], 0],
    ['idle, of a member who was removed', { createdMsAgo: 99 * DAY_MS, ownerId: gone.principal.id }, [], 0],
    ['of the test environment', { environment: 'test', createdMsAgo: 99 * DAY_MS }, [], 0],
    ['of another workspace', { workspaceId: world.elsewhere, createdMsAgo: 99 * DAY_MS }, [], 0],
  ])('one %s', async (_, past, kinds, active) => {
    await withoutTokens();
    const { id } = await addToken(past);
    const attention = await read();
    expect(kindsOf(attention, id)).toEqual(kinds);
    for (const kind of ['neverExpiring', 'idle', 'expiring'] as const)
      expect(attention[kind]).toMatchObject({ count: kinds.includes(kind) ? 1 : 0, isMore: false });
    expect(attention.active).toEqual({ count: active, isMore: false });
  });

  test('are shown as they are, the most urgent five first, and all counted', async () => {
    await withoutTokens();
    const days = [3, 1, 7, 5, 2, 4, 6];
    const soon = [];
    for (const day of days) soon.push(await addToken({ expiresInMs: day * DAY_MS, name: `${day}` }));
    for (const day of days)
      await addToken({ createdMsAgo: (90 + day) * DAY_MS, name: `${day}`, usedMsAgo: 90.5 * DAY_MS });
    await addToken({ createdMsAgo: 200 * DAY_MS, usedMsAgo: 120 * DAY_MS, name: 'used' });
    const { expiring, idle, neverExpiring } = await read();
    expect(expiring).toMatchObject({ count: 7, tokens: ['1', '2', '3', '4', '5'].map((name) => ({ name })) });
    expect(expiring.tokens[2]).toEqual({
      id: soon[0]?.id,
      name: '3',
      hint: 'tkn_live_4fXk…9aB2',
      createdAt: world.time.now,
      expiresAt: new Date(world.time.now.getTime() + 3 * DAY_MS),
      lastUsedAt: null,
    });
    expect(idle.tokens[0]?.name).toBe('used');
    expect(idle.count).toBe(8);
    expect(neverExpiring).toMatchObject({ count: 8, tokens: ['used', '7', '6', '5', '4'].map((name) => ({ name })) });
  });

  test('are counted up to ten thousand, and then said to be more', async () => {
    await withoutTokens();
    const add = (count: number) => sql`
      insert into tokens (id, workspace_id, environment, name, hint, scopes, metadata, created_at, created_by)
      select gen_random_uuid(), ${idToUuid(workspaceId)}, 'live', 'many', 'hint', '{}', '{}',
        ${new Date(world.time.now.getTime() - 100 * DAY_MS).toISOString()}::timestamptz, 'system'
      from generate_series(1, ${count}::int)`;
    await add(10_000);
    const exact = { count: 10_000, isMore: false };
    expect(await read()).toMatchObject({ active: exact, neverExpiring: exact });
    await add(1);
    const more = { count: 10_000, isMore: true };
    expect(await read()).toMatchObject({ active: more, neverExpiring: more, expiring: { count: 0 } });
  });
});

test.each([
  ['without an end', null],
  ['with an end', new Date(world.time.now.getTime() + 99 * DAY_MS).toISOString()],
])('of tokens %s the first 2,500 are looked at for idle ones, and then there may be more', async (_, expiresAt) => {
  await withoutTokens();
  const add = (count: number, createdMsAgo: number) => sql`
    with added as (
      insert into tokens (id, workspace_id, environment, name, hint, scopes, metadata, expires_at, created_at, created_by)
      select gen_random_uuid(), ${idToUuid(workspaceId)}, 'live', 'many', 'hint', '{}', '{}', ${expiresAt}::timestamptz,
        ${new Date(world.time.now.getTime() - createdMsAgo).toISOString()}::timestamptz, 'system'
      from generate_series(1, ${count}::int) returning id
    )
    insert into credential_uses (credential_id, last_used_at)
    select id, ${world.time.now.toISOString()}::timestamptz from added where ${createdMsAgo === 100 * DAY_MS}`;
  await add(2_499, 100 * DAY_MS);
  await add(1, 99 * DAY_MS);
  expect((await read()).idle).toMatchObject({ count: 1, isMore: false });
  await add(1, 98 * DAY_MS);
  expect((await read()).idle).toMatchObject({ count: 1, isMore: true });
});

describe('what somebody is told who sees only its own tokens', () => {
  test('is of these, and nothing of others and of the log', async () => {
    await withoutTokens();
    const member = await world.addMember(workspaceId, 'member');
    const own = await addToken({ ownerId: member.principal.id, createdMsAgo: 99 * DAY_MS });
    const foreign = await addToken({ createdMsAgo: 99 * DAY_MS });
    await use(foreign, { times: 5, outcome: 'revoked' }, {}, { source: '198.51.100.7' });
    await use(own, { times: 2, outcome: 'expired' }, {}, { source: '198.51.100.8' });
    await use(null, { times: 3, outcome: 'unknown' });
    const seen = await read(member);
    expect(seen).toMatchObject({
      active: { count: 1 },
      neverExpiring: { count: 1, tokens: [{ id: own.id }] },
      usesToday: 4,
      deniedUses: { last24Hours: 2, before: 0, tokens: [{ token: { id: own.id }, count: 2 }] },
      refusedCalls: null,
      newSources: [{ tokenId: own.id, address: '198.51.100.8' }],
    });
    expect(seen.deniedUses.tokens).toHaveLength(1);
    expect(seen.newSources).toHaveLength(1);
    const all = await read(await world.addMember(workspaceId, 'auditor'));
    expect(all).toMatchObject({
      active: { count: 2 },
      usesToday: 14,
      deniedUses: { last24Hours: 10, tokens: [{ token: { id: foreign.id }, count: 5 }, { token: { id: own.id } }] },
      newSources: [{ tokenId: own.id }, { tokenId: foreign.id, tokenName: foreign.name, address: '198.51.100.7' }],
    });
    expect(all.refusedCalls).not.toBeNull();
  });

  test('names those that need attention, the most urgent first', async () => {
    const { principal, request } = await world.addMember(workspaceId, 'member');
    const owned = { ownerId: principal.id };
    const idle = { createdMsAgo: 99 * DAY_MS, expiresInMs: 99 * DAY_MS };
    const [later, sooner] = [
      await addToken({ ...owned, expiresInMs: 2 }),
      await addToken({ ...owned, expiresInMs: 1 }),
    ];
    const old = await addToken({ ...owned, ...idle });
    await addToken({ ...owned, ...idle, revokedMsAgo: 1 });
    await addToken({ ...idle });
    await addToken({ expiresInMs: 1 });
    expect(await read({ principal, request })).toMatchObject({
      active: { count: 3 },
      neverExpiring: { count: 0, tokens: [] },
      idle: { count: 1, tokens: [{ id: old.id }] },
      expiring: { count: 2, tokens: [{ id: sooner.id }, { id: later.id }] },
    });
  });

  test('is nothing without tokens', async () => {
    const seen = await read(await world.addMember(workspaceId, 'member'));
    expect(seen).toMatchObject({ active: { count: 0 }, usesToday: 0, newSources: [], refusedCalls: null });
    expect(seen.deniedUses).toEqual({ last24Hours: 0, before: 0, tokens: [] });
  });

  test.each([
    ['another environment', () => keyOf(workspaceId, 'test')],
    ['another workspace', () => keyOf(world.elsewhere)],
  ])('nor is anything told to %s', async (_, caller) => {
    expect(await read(caller())).toMatchObject({
      active: { count: 0 },
      usesToday: 0,
      deniedUses: { last24Hours: 0, before: 0, tokens: [] },
      refusedCalls: { last24Hours: 0, before: 0 },
      newSources: [],
    });
  });
});

describe('denied uses and refused calls', () => {
  test('are those of 24 hours, beside those of the 24 before', async () => {
    const other = await world.addWorkspace('denied');
    const caller = keyOf(other);
    const token = await addToken({ workspaceId: other });
    const intoHour = world.time.now.getTime() % HOUR_MS;
    const of = (msAgo: number, times: number) => ({ msAgo, times, outcome: 'expired', by: caller }) as const;
    await use(token, of(0, 1), of(intoHour + 23 * HOUR_MS, 2), of(intoHour + 23 * HOUR_MS + 1, 4));
    await use(token, of(intoHour + 47 * HOUR_MS, 8), of(intoHour + 47 * HOUR_MS + 1, 16));
    await use(token, { outcome: 'missing_scope', by: caller });
    const { deniedUses } = await read(caller);
    expect(deniedUses).toEqual({ last24Hours: 3, before: 12, tokens: [{ token: expect.anything(), count: 3 }] });
  });

  test('of deleted tokens are counted, and their tokens not named', async () => {
    const other = await world.addWorkspace('deleted');
    const caller = keyOf(other);
    const token = await addToken({ workspaceId: other });
    await use(token, { outcome: 'expired', by: caller });
    await sql`delete from tokens where id = ${idToUuid(token.id)}`;
    expect((await read(caller)).deniedUses).toEqual({ last24Hours: 1, before: 0, tokens: [] });
  });

  test('count refused credentials and calls without the right, as the audit log tells them', async () => {
    const other = await world.addWorkspace('refused');
    const actions = ['request.denied', 'authentication.failed', 'token.created'] as const;
    await inTransaction(deps.db, (tx) =>
      append(
        tx,
        deps,
        actions.map((action) =>
          newEvent(other, { action, outcome: action === 'token.created' ? 'success' : 'denied' }),
        ),
      ),
    );
    expect((await read(keyOf(other))).refusedCalls).toEqual({ last24Hours: 2, before: 0 });
  });
});

describe('new sources', () => {
  test('are of the last 7 days, the latest five first, and not where a token was used first', async () => {
    const other = await world.addWorkspace('sources');
    const caller = keyOf(other);
    const token = await addToken({ workspaceId: other });
    for (let n = 0; n < 7; n += 1) await use(token, { source: `203.0.113.${n}`, by: caller });
    await use(token, { source: '203.0.113.99', outcome: 'expired', by: caller });
    const addresses = (await read(caller)).newSources.map(({ address }) => address);
    expect(addresses).toEqual(['203.0.113.6', '203.0.113.5', '203.0.113.4', '203.0.113.3', '203.0.113.2']);
    const later = { ...deps.clock, now: () => new Date(world.time.now.getTime() + 8 * DAY_MS) };
    expect((await readAttention({ ...deps, clock: later }, caller)).newSources).toEqual([]);
  });
});

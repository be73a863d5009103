import { describe, expect, test } from 'vitest';
import type { TokenRecord } from '../../src/introspection/record.ts';
import { idToUuid } from '../../src/lib/ids.ts';
import { range } from '../audit/log.ts';
import { createTestDatabase } from '../support/database.ts';
import { createWorld } from './world.ts';

const database = await createTestDatabase();
const world = await createWorld(database);
const key = await world.newKey();

const active = (record: TokenRecord, source: string | null = null) =>
  ({ record, introspector: key, source, outcome: 'active' }) as const;

/** The uses are counted and written by a replica of their own. */
async function use(...uses: readonly Parameters<ReturnType<typeof world.newReplica>['introspected']>[0][]) {
  const replica = world.newReplica();
  for (const each of uses) replica.introspected(each);
  await replica.stop();
}

const told = async ({ id }: TokenRecord) =>
  (await world.events(id)).map(({ action, reason, source }) => [action, reason, source?.ip ?? null]);

describe('the first use of a token', () => {
  test('is an event: who asked, about which token, and where its holder was', async () => {
    const token = await world.newToken({ name: 'deploy' });
    await use(active(token, '192.0.2.1'), active(token, '192.0.2.1'));
    await use(active(token, '192.0.2.1'));
    expect(await world.events(token.id)).toMatchObject([
      {
        action: 'token.first_used',
        operation: 'access',
        outcome: 'success',
        environment: 'live',
        actor: { type: 'api_key', id: key.id, name: key.name },
        targets: [{ type: 'token', id: token.id, name: 'deploy' }],
        source: { ip: '192.0.2.1', user_agent: null },
        request: null,
        count: 1,
      },
    ]);
  });

  test('of a token that calls Tooken itself is its own', async () => {
    const token = await world.newToken();
    const replica = world.newReplica();
    replica.called(token, '192.0.2.1');
    await replica.stop();
    expect(await world.events(token.id)).toMatchObject([
      { action: 'token.first_used', actor: { type: 'token', id: token.id }, source: { ip: '192.0.2.1' } },
    ]);
  });

  test('is one event, however many replicas see the token at once', async () => {
    const tokens: TokenRecord[] = [];
    for (const _ of range(50)) tokens.push(await world.newToken());
    const replicas = range(4).map(() => world.newReplica());
    for (const [n, replica] of replicas.entries()) {
      for (const token of n % 2 === 0 ? tokens : tokens.toReversed()) replica.introspected(active(token));
    }
    await Promise.all(replicas.map((replica) => replica.stop()));
    for (const token of tokens) expect(await told(token)).toEqual([['token.first_used', null, null]]);
  });

  test('of an API key is none: those are told by when and from where they were last used', async () => {
    const replica = world.newReplica();
    const fresh = await world.newKey();
    replica.called(fresh, '192.0.2.1');
    await replica.stop();
    expect(await world.events(fresh.id)).toEqual([]);
    expect(await world.lastUse(fresh.id)).toMatchObject({ from: '192.0.2.1' });
  });

  test('is not a denied one', async () => {
    const token = await world.newToken();
    await use({ ...active(token), outcome: 'not_yet_valid' });
    expect(await told(token)).toEqual([['token.use_denied', 'not_yet_valid', null]]);
    await use(active(token));
    expect((await told(token)).at(-1)).toEqual(['token.first_used', null, null]);
  });
});

describe('a use from a new source', () => {
  test('is an event, once for each source', async () => {
    const token = await world.newToken();
    await use(active(token, '192.0.2.1'), active(token, '192.0.2.2'), active(token, '192.0.2.1'));
    await use(active(token, '192.0.2.2'), active(token, '192.0.2.3'), active(token));
    expect(await told(token)).toEqual([
      ['token.first_used', null, '192.0.2.1'],
      ['token.used_from_new_source', null, '192.0.2.2'],
      ['token.used_from_new_source', null, '192.0.2.3'],
    ]);
  });

  test('is one event for all addresses of an IPv6 subscriber', async () => {
    const token = await world.newToken();
    await use(active(token));
    await use(active(token, '2001:db8::1'), active(token, '2001:db8::2'));
    expect(await told(token)).toEqual([
      ['token.first_used', null, null],
      ['token.used_from_new_source', null, '2001:db8::1'],
    ]);
  });

  test('is one event, however many replicas see it at once', async () => {
    const token = await world.newToken();
    const replicas = range(4).map(() => world.newReplica());
    const sources = range(20).map((n) => `192.0.2.${n}`);
    for (const [n, replica] of replicas.entries()) {
      for (const source of n % 2 === 0 ? sources : sources.toReversed()) replica.introspected(active(token, source));
    }
    await Promise.all(replicas.map((replica) => replica.stop()));
    const events = await told(token);
    expect(events.filter(([action]) => action === 'token.first_used')).toHaveLength(1);
    expect(events.map(([, , ip]) => ip).sort()).toEqual(sources.sort());
  });

  test('is told 100 times, and then that there are more', async () => {
    const token = await world.newToken();
    for (const block of range(3)) await use(...range(60).map((n) => active(token, `10.0.${block}.${n}`)));
    const events = await told(token);
    expect(events).toHaveLength(101);
    expect(events.filter(([, reason]) => reason !== null)).toEqual([
      ['token.used_from_new_source', 'too_many_sources', null],
    ]);
  });
});

describe('a denied use', () => {
  test('is an event with the reason, which the introspector was not told', async () => {
    const token = await world.newToken();
    for (const outcome of ['revoked', 'expired', 'address_not_allowed', 'secret_replaced', 'other_audience'] as const) {
      await use({ ...active(token, '192.0.2.1'), outcome });
      expect((await world.events(token.id)).at(-1)).toMatchObject({
        action: 'token.use_denied',
        operation: 'access',
        outcome: 'denied',
        reason: outcome,
        actor: { id: key.id },
        source: { ip: '192.0.2.1' },
        count: 1,
      });
    }
  });

  test('that repeats is counted: the first second at once, the rest when the window ends', async () => {
    const token = await world.newToken();
    const replica = world.newReplica();
    const revoked = { ...active(token, '192.0.2.1'), outcome: 'revoked' } as const;
    for (const _ of range(1_000)) replica.introspected(revoked);
    await expect.poll(() => replica.backlog(), { timeout: 10_000 }).toBe(0);
    for (const _ of range(500)) replica.introspected(revoked);
    await replica.stop();
    const events = await world.events(token.id);
    expect(events.map(({ action, count }) => [action, count])).toEqual([
      ['token.use_denied', 1_000],
      ['token.use_denied', 500],
    ]);
    const [first] = events;
    expect(Date.parse(first?.last_at ?? '')).toBeGreaterThanOrEqual(Date.parse(first?.first_at ?? ''));
  });

  test('of each of many tokens from each of many sources leaves a bounded number of events, and all are counted', async () => {
    const workspaceId = await world.addWorkspace();
    const introspector = await world.newKey({ workspaceId });
    const replica = world.newReplica();
    for (const _ of range(30)) {
      const token = await world.newToken({ workspaceId });
      for (const n of range(50))
        replica.introspected({ record: token, introspector, source: `10.0.0.${n}`, outcome: 'revoked' });
    }
    await replica.stop();
    const [logged] = await world.sql<{ events: number; uses: number }[]>`
      select count(*)::int as events, sum((convert_from(leaf, 'UTF8')::jsonb ->> 'count')::int)::int as uses
      from audit_events where log_id = ${idToUuid(workspaceId)}`;
    expect(logged).toEqual({ events: 501, uses: 1_500 });
  });

  test('is no event when the token merely lacks the scope in question', async () => {
    const token = await world.newToken();
    await use({ ...active(token, '192.0.2.1'), outcome: 'missing_scope' });
    expect(await told(token)).toEqual([['token.first_used', null, '192.0.2.1']]);
  });
});

describe('events of uses', () => {
  test('are seen in the environment of the token alone', async () => {
    const token = await world.newToken({ environment: 'test' });
    const introspector = await world.newKey({ environment: 'test' });
    await use({ record: token, introspector, source: null, outcome: 'active' });
    expect(await world.events(token.id)).toEqual([]);
  });

  test('come no more for a token that has been removed meanwhile, nor is anything kept of where it was used', async () => {
    const token = await world.newToken();
    await world.sql`delete from tokens where id = ${idToUuid(token.id)}`;
    await use(active(token, '192.0.2.1'));
    expect(await world.lastUse(token.id)).toBeUndefined();
    const sources = await world.sql`select from token_sources where token_id = ${idToUuid(token.id)}`;
    expect(sources).toHaveLength(0);
    expect(await world.usage('day', { tokenId: token.id })).toMatchObject([{ source: null, count: 1 }]);
  });
});

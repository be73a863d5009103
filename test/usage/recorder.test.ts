import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Database, openPool } from '../../src/db/connection.ts';
import type { ApiKeyRecord, TokenRecord } from '../../src/introspection/record.ts';
import type { IntrospectionOutcome } from '../../src/introspection/usage/outcome.ts';
import type { UsageRecorder } from '../../src/introspection/usage/recorder.ts';
import { idToUuid } from '../../src/lib/ids.ts';
import type { Logger } from '../../src/telemetry/logger.ts';
import { openTestClient, range } from '../audit/log.ts';
import { createTestDatabase } from '../support/database.ts';
import { startDatabaseProxy } from '../support/proxy.ts';
import { createTestClock, createWorld } from './world.ts';

const database = await createTestDatabase();
const world = await createWorld(database);
const NOW = new Date('2027-01-31T12:34:56.789Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

const lines: [string, unknown][] = [];
const logger: Logger = { log: (_, event, fields) => lines.push([event, fields?.count]), isEnabled: () => true };
beforeEach(() => void lines.splice(0));

const active = (record: TokenRecord, introspector: ApiKeyRecord, source: string | null = null) =>
  ({ record, introspector, source, outcome: 'active' }) as const;

/** The wait for the next flush. */
const eventually = (assertion: () => Promise<void> | void) => vi.waitFor(assertion, { timeout: 10_000 });

const totalOf = async (record: TokenRecord, bucket: 'minute' | 'hour' | 'day' = 'day') =>
  (await world.usage(bucket, { tokenId: record.id })).reduce((sum, { count }) => sum + count, 0);

describe('usage', () => {
  test('tells introspector, source, outcome and secret apart, by minute, hour and day', async () => {
    const [token, key, otherKey] = [await world.newToken(), await world.newKey(), await world.newKey()];
    const replica = world.newReplica({ clock: createTestClock(NOW) });
    const use = active(token, key, '192.0.2.1');
    for (const _ of range(3)) replica.introspected(use);
    replica.introspected({ ...use, source: '192.0.2.2' });
    replica.introspected({ ...use, source: null });
    replica.introspected({ ...use, outcome: 'missing_scope' });
    replica.introspected({ ...use, record: { ...token, secret: 'previous' } });
    replica.introspected({ ...use, introspector: otherKey });
    replica.called(token, '192.0.2.1');
    await replica.stop();
    for (const [bucket, startsAt] of [
      ['minute', '2027-01-31T12:34:00.000Z'],
      ['hour', '2027-01-31T12:00:00.000Z'],
      ['day', '2027-01-31T00:00:00.000Z'],
    ] as const) {
      const rows = await world.usage(bucket, { tokenId: token.id });
      const told = rows.map(({ introspectorId, source, outcome, secret, count }) =>
        [introspectorId, source, outcome, secret, count].join(),
      );
      expect(told.sort()).toEqual(
        [
          [key.id, '192.0.2.1', 'active', 'current', 3],
          [key.id, '192.0.2.2', 'active', 'current', 1],
          [key.id, null, 'active', 'current', 1],
          [key.id, '192.0.2.1', 'missing_scope', 'current', 1],
          [key.id, '192.0.2.1', 'active', 'previous', 1],
          [otherKey.id, '192.0.2.1', 'active', 'current', 1],
          [null, '192.0.2.1', 'active', 'current', 1],
        ]
          .map((row) => row.join())
          .sort(),
      );
      for (const row of rows) expect(row).toMatchObject({ startsAt: new Date(startsAt), lastUsedAt: NOW });
    }
  });

  test('of several minutes adds up in their hour and day', async () => {
    const [token, key, clock] = [await world.newToken(), await world.newKey(), createTestClock(NOW)];
    const replica = world.newReplica({ clock });
    for (const minute of [0, 1, 2, 30]) {
      clock.time = later(minute * 60);
      replica.introspected(active(token, key));
      if (minute === 1) await replica.stop();
    }
    await replica.stop();
    const counts = async (bucket: 'minute' | 'hour' | 'day') =>
      (await world.usage(bucket, { tokenId: token.id })).map(({ startsAt, count }) => [
        startsAt.toISOString().slice(11, 16),
        count,
      ]);
    expect(await counts('minute')).toEqual([
      ['13:04', 1],
      ['12:36', 1],
      ['12:35', 1],
      ['12:34', 1],
    ]);
    expect(await counts('hour')).toEqual([
      ['13:00', 1],
      ['12:00', 3],
    ]);
    expect(await counts('day')).toEqual([['00:00', 4]]);
  });

  test('is exact on several replicas that count the same tokens at once, in whatever order', async () => {
    const key = await world.newKey();
    const tokens: TokenRecord[] = [];
    for (const _ of range(700)) tokens.push(await world.newToken());
    const replicas = range(4).map(() => world.newReplica({ clock: createTestClock(NOW), logger }));
    for (const [n, replica] of replicas.entries()) {
      for (const token of n % 2 === 0 ? tokens : tokens.toReversed()) {
        for (const source of ['192.0.2.1', '192.0.2.2']) replica.introspected(active(token, key, source));
        replica.introspected({ ...active(token, key), outcome: 'revoked' });
      }
    }
    await Promise.all(replicas.map((replica) => replica.stop()));
    expect(lines).toEqual([]);
    const [sum] = await world.sql<{ uses: number; rows: number }[]>`
      select sum(uses)::int as uses, count(*)::int as rows from token_usage
      where introspector_id = ${key.id} and bucket_seconds = 60`;
    expect(sum).toEqual({ uses: 700 * 3 * 4, rows: 700 * 3 });
  });

  test('is written within seconds, without anybody asking or waiting for it', async () => {
    const [token, key] = [await world.newToken(), await world.newKey()];
    const replica = world.newReplica();
    replica.introspected(active(token, key));
    await eventually(async () => expect(await totalOf(token)).toBe(1));
    replica.introspected(active(token, key));
    await eventually(async () => expect(await totalOf(token)).toBe(2));
    expect(replica.backlog()).toBe(0);
    await replica.stop();
  });

  test('of an IPv6 subscriber is of one source, whichever of its addresses it comes from', async () => {
    const [token, key] = [await world.newToken(), await world.newKey()];
    const replica = world.newReplica();
    for (const source of ['2001:db8::1', '2001:db8::2', '2001:db8:0:1::1'])
      replica.introspected(active(token, key, source));
    await replica.stop();
    const rows = await world.usage('day', { tokenId: token.id });
    expect(rows.map(({ source, count }) => [source, count]).sort()).toEqual([
      ['2001:db8:0:1::/64', 1],
      ['2001:db8::/64', 2],
    ]);
  });

  test('tells 100 sources of a token apart, and as many that it was denied from; the others are counted together', async () => {
    const [token, key] = [await world.newToken(), await world.newKey()];
    const replica = world.newReplica();
    for (const n of range(150)) {
      replica.introspected(active(token, key, `10.0.0.${n}`));
      replica.introspected({ ...active(token, key, `10.0.1.${n}`), outcome: 'address_not_allowed' });
    }
    await replica.stop();
    const rows = [
      ...(await world.usage('day', { tokenId: token.id, outcomes: ['active'] })),
      ...(await world.usage('day', { tokenId: token.id, outcomes: ['address_not_allowed'] })),
    ];
    expect(rows.filter(({ source }) => source !== null)).toHaveLength(200);
    expect(rows.filter(({ source }) => source === null).map(({ count }) => count)).toEqual([50, 50]);
  });
});

const foreign = await world.addWorkspace();

describe('what an introspector may not know of', () => {
  test.each<[string, (key: ApiKeyRecord) => Promise<TokenRecord | ApiKeyRecord | null>, IntrospectionOutcome]>([
    ['a credential of nobody', async () => null, 'unknown'],
    ['a token of another workspace', () => world.newToken({ workspaceId: foreign }), 'other_workspace'],
    ['a token of the other environment', () => world.newToken({ environment: 'test' }), 'other_environment'],
    ['an API key, even its own', async (key) => key, 'not_a_token'],
    ['an API key of another workspace', () => world.newKey({ workspaceId: foreign }), 'not_a_token'],
  ])('%s is counted as unknown, without a token or a source', async (_, find, outcome) => {
    const key = await world.newKey();
    const replica = world.newReplica();
    const record = await find(key);
    replica.introspected({ record, introspector: key, source: '192.0.2.1', outcome });
    await replica.stop();
    expect(await world.usage('day', { introspectorId: key.id })).toMatchObject([
      { tokenId: null, source: null, outcome: 'unknown', secret: null, count: 1 },
    ]);
    if (record === null) return;
    const kept = await world.sql`select from token_usage where token_id = ${idToUuid(record.id)}`;
    expect(kept).toHaveLength(0);
    expect(await world.lastUse(record.id)).toBeUndefined();
    for (const workspaceId of [world.workspaceId, foreign])
      expect(await world.events(record.id, workspaceId)).toEqual([]);
  });

  test('text that is no credential is counted as malformed', async () => {
    const key = await world.newKey();
    const replica = world.newReplica();
    replica.introspected({ record: null, introspector: key, source: '192.0.2.1', outcome: 'malformed' });
    await replica.stop();
    expect(await world.usage('day', { introspectorId: key.id })).toMatchObject([
      { tokenId: null, source: null, outcome: 'malformed', count: 1 },
    ]);
  });
});

describe('the last use', () => {
  test('is that of the latest good use, of tokens and of API keys', async () => {
    const [token, key, clock] = [await world.newToken(), await world.newKey(), createTestClock(NOW)];
    const replica = world.newReplica({ clock });
    for (const [seconds, source] of [
      [2, '192.0.2.2'],
      [3, '2001:db8::3'],
      [1, '192.0.2.1'],
    ] as const) {
      clock.time = later(seconds);
      replica.introspected(active(token, key, source));
      replica.called(key, source);
    }
    clock.time = later(9);
    replica.introspected({ ...active(token, key, '192.0.2.9'), outcome: 'revoked' });
    await replica.stop();
    for (const { id } of [token, key]) expect(await world.lastUse(id)).toEqual({ at: later(3), from: '2001:db8::3' });
  });

  test('never runs backwards, whichever replica writes last', async () => {
    const [token, key] = [await world.newToken(), await world.newKey()];
    for (const [seconds, source] of [
      [5, '192.0.2.5'],
      [4, '192.0.2.4'],
    ] as const) {
      const replica = world.newReplica({ clock: createTestClock(later(seconds)) });
      replica.introspected(active(token, key, source));
      await replica.stop();
    }
    expect(await world.lastUse(token.id)).toEqual({ at: later(5), from: '192.0.2.5' });
  });
});

describe('while the database is away', () => {
  const nothingLost = async (replica: UsageRecorder, token: TokenRecord, uses: number) => {
    await eventually(async () => expect(await totalOf(token)).toBe(uses));
    expect(replica.backlog()).toBe(0);
    await replica.stop();
    expect(await totalOf(token, 'minute')).toBe(uses);
  };

  test('uses are kept and told of once, and all are counted when it is back', async () => {
    await using proxy = await startDatabaseProxy(database.app);
    const pool = openPool(proxy.through(database.app), { maxConnections: 1, applicationName: 'tooken-test' });
    afterAll(pool.close);
    const [token, key] = [await world.newToken(), await world.newKey()];
    const replica = world.newReplica({ db: pool.db, logger });
    replica.introspected(active(token, key, '192.0.2.1'));
    await eventually(async () => expect(await totalOf(token)).toBe(1));
    proxy.hangUp();
    for (const n of range(500)) replica.introspected(active(token, key, `192.0.2.${n % 5}`));
    await eventually(() => expect(lines.map(([event]) => event)).toEqual(['usage.counts_kept']));
    for (const _ of range(500)) replica.introspected(active(token, key));
    expect(replica.backlog()).toBe(1_000);
    proxy.recover();
    await nothingLost(replica, token, 1_001);
    await pool.close();
  });

  test('a batch whose answer was lost is not counted twice', async () => {
    const [token, key] = [await world.newToken(), await world.newKey()];
    let losses = 0;
    const transaction: Database['transaction'] = async (...args) => {
      const result = await world.db.transaction(...args);
      losses += 1;
      if (losses > 3) return result;
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    };
    const replica = world.newReplica({ db: Object.assign(Object.create(world.db), { transaction }), logger });
    for (const _ of range(10)) replica.introspected(active(token, key, '192.0.2.1'));
    await eventually(() => expect(losses).toBeGreaterThan(3));
    await nothingLost(replica, token, 10);
    expect((await world.events(token.id)).map(({ action }) => action)).toEqual(['token.first_used']);
  });

  test('what cannot be written even at the end is told to the log of the service', async () => {
    const pool = openPool(
      { ...database.app, host: '/nonexistent' },
      { maxConnections: 1, applicationName: 'tooken-test' },
    );
    const replica = world.newReplica({ db: pool.db, logger });
    for (const _ of range(7)) replica.introspected(active(await world.newToken(), await world.newKey()));
    await replica.stop();
    await pool.close();
    expect(lines).toEqual([
      ['usage.counts_kept', undefined],
      ['usage.counts_lost', 7],
    ]);
  });
});

test('a use that the database refuses does not hold up the others', async () => {
  const [token, key, refused] = [await world.newToken(), await world.newKey(), await world.newKey()];
  const owner = openTestClient(database.owner);
  await owner.unsafe(`
    create function refuse_usage() returns trigger language plpgsql as
      $$ begin raise exception 'refused' using errcode = '22000'; end $$;
    create trigger refuse_usage before insert on token_usage for each row
      when (new.introspector_id = '${refused.id}') execute function refuse_usage()`);
  const replica = world.newReplica({ logger });
  for (const n of range(20)) replica.introspected(active(token, n === 11 ? refused : key, `192.0.2.${n}`));
  await replica.stop();
  expect(await totalOf(token)).toBe(19);
  expect(lines).toEqual([['usage.counts_lost', 1]]);
});

import { describe, expect, test } from 'vitest';
import { purgeUsage } from '../../src/introspection/usage/purge.ts';
import { idToUuid } from '../../src/lib/ids.ts';
import { openTestClient } from '../audit/log.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestClock, createWorld } from './world.ts';

const database = await createTestDatabase();
const world = await createWorld(database);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const now = new Date();
const ago = (ms: number) => createTestClock(new Date(now.getTime() - ms));
const purge = () => purgeUsage({ db: world.db, clock: createTestClock(now) });

/** A token that was used then. */
async function usedToken(msAgo: number, source = '192.0.2.1') {
  const token = await world.newToken();
  const replica = world.newReplica({ clock: ago(msAgo) });
  replica.introspected({ record: token, introspector: await world.newKey(), source, outcome: 'active' });
  await replica.stop();
  return token;
}

describe('old usage', () => {
  test.each([
    ['minutes', 47 * HOUR_MS, ['minute', 'hour', 'day']],
    ['hours', 49 * HOUR_MS, ['hour', 'day']],
    ['hours to the end', 89 * DAY_MS, ['hour', 'day']],
    ['days', 92 * DAY_MS, ['day']],
    ['days to the end', 399 * DAY_MS, ['day']],
    ['nothing', 402 * DAY_MS, []],
  ])('leaves %s', async (_, msAgo, kept) => {
    const token = await usedToken(msAgo);
    await purge();
    const found = [];
    for (const bucket of ['minute', 'hour', 'day'] as const) {
      if ((await world.usage(bucket, { tokenId: token.id })).length > 0) found.push(bucket);
    }
    expect(found).toEqual(kept);
  });

  test('goes in batches, however much there is', async () => {
    const token = await world.newToken();
    await world.sql`
      insert into token_usage (workspace_id, environment, token_id, introspector_id, outcome, secret, bucket_seconds,
        starts_at, uses, last_used_at)
      select ${idToUuid(world.workspaceId)}, 'live', ${idToUuid(token.id)}, 'key', 'active', 'current', 60,
        now() - interval '3 days' - n * interval '1 minute', 1, now()
      from generate_series(1, 4500) n`;
    await purge();
    expect(await world.usage('minute', { tokenId: token.id })).toEqual([]);
  });

  test('is left to the replica that is at it', async () => {
    const token = await usedToken(3 * DAY_MS);
    const other = openTestClient(database.app);
    await other.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended('tooken/usage-purge', 0))`;
      await purge();
      expect(await world.usage('minute', { tokenId: token.id })).toHaveLength(1);
    });
    await purge();
    expect(await world.usage('minute', { tokenId: token.id })).toEqual([]);
  });
});

describe('a source that a token came from', () => {
  const remembered = (id: Parameters<typeof idToUuid>[0]) =>
    world.sql`select source from token_sources where token_id = ${idToUuid(id)} order by source`;
  const age = (msAgo: number) => world.sql`
    update token_sources set seen_at = ${new Date(now.getTime() - msAgo).toISOString()}::timestamptz`;

  test('is forgotten when it was not seen for 90 days, and is news again then', async () => {
    const token = await usedToken(100 * DAY_MS);
    await age(100 * DAY_MS);
    await purge();
    expect(await remembered(token.id)).toEqual([]);
    const replica = world.newReplica();
    replica.introspected({ record: token, introspector: await world.newKey(), source: '192.0.2.1', outcome: 'active' });
    await replica.stop();
    expect((await world.events(token.id)).map(({ action }) => action)).toEqual([
      'token.first_used',
      'token.used_from_new_source',
    ]);
  });

  test('is remembered while the token comes from there', async () => {
    const token = await usedToken(80 * DAY_MS);
    await age(100 * DAY_MS);
    await purge();
    expect(await remembered(token.id)).toEqual([{ source: '192.0.2.1' }]);
    await purge();
    expect(await remembered(token.id)).toHaveLength(1);
  });
});

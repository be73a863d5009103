import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { purgeRequests } from '../../src/requests/purge.ts';
import { deps, newKeyId, newWorkspaceId, openTestClient, range } from '../audit/log.ts';
import { createTestDatabase } from '../support/database.ts';
import { ANSWERED, createWorld, newCaller } from './world.ts';

const database = await createTestDatabase();
const world = createWorld(database);
const now = systemClock.now();
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const purge = (days: number | null) => purgeRequests({ db: world.db, clock: { ...systemClock, now: () => now }, days });

/** A call that came so long ago. */
async function called(msAgo: number) {
  const caller = newCaller();
  const log = world.newLog();
  log.note(caller, { ...ANSWERED, at: new Date(now.getTime() - msAgo) });
  await log.stop();
  return caller;
}

const isThere = async (caller: ReturnType<typeof newCaller>) => (await world.written(caller)).length === 1;

describe('calls', () => {
  it('are kept for as many days as is said, and no longer', async () => {
    const ages = [HOUR_MS, 29 * DAY_MS, 30 * DAY_MS - HOUR_MS, 30 * DAY_MS + HOUR_MS, 400 * DAY_MS];
    const callers = await Promise.all(ages.map(called));
    await purge(30);
    expect(await Promise.all(callers.map(isThere))).toEqual([true, true, true, false, false]);
    await purge(1);
    expect(await Promise.all(callers.map(isThere))).toEqual([true, false, false, false, false]);
  });

  it('go altogether when none are to be kept', async () => {
    const caller = await called(1_000);
    await purge(null);
    expect(await isThere(caller)).toBe(false);
  });

  it('go in batches, however many there are, of every workspace', async () => {
    for (const _ of range(2)) await world.addCalls(newWorkspaceId(), 3_000, { principal: newKeyId() });
    await purge(null);
    const [row] = await world.sql`select count(*)::int as count from request_log`;
    expect(row?.count).toBe(0);
  });

  it('are left to the replica that is at it', async () => {
    const caller = await called(40 * DAY_MS);
    const other = openTestClient(database.app);
    await other.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended('tooken/request-log-purge', 0))`;
      await purge(30);
      expect(await isThere(caller)).toBe(true);
    });
    await purge(30);
    expect(await isThere(caller)).toBe(false);
  });

  it('are left for the next time when the process stops', async () => {
    await world.addCalls(newWorkspaceId(), 5_000);
    await purgeRequests({ db: world.db, ...deps, days: null }, () => true);
    const [row] = await world.sql`select count(*)::int as count from request_log`;
    expect(row?.count).toBe(3_000);
  });
});

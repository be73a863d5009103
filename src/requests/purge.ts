import { type Database, inTransaction } from '../db/connection.ts';
import type { Clock } from '../lib/clock.ts';
import { deleteOldRequests, lockPurge, PURGE_BATCH } from './purge-store.ts';

export interface RequestPurgeDeps {
  readonly db: Database;
  readonly clock: Clock;
  /** For how long calls are kept; null keeps none. */
  readonly days: number | null;
}

const DAY_MS = 24 * 3_600_000;

/** Removes what is past its time, in batches of one transaction each. Goes away if another replica is at it. */
export async function purgeRequests(
  { db, clock, days }: RequestPurgeDeps,
  isStopped: () => boolean = () => false,
): Promise<void> {
  const before = new Date(clock.now().getTime() - (days ?? 0) * DAY_MS);
  let removed: number;
  do {
    removed = await inTransaction(db, async (tx) => ((await lockPurge(tx)) ? deleteOldRequests(tx, before) : 0));
  } while (removed === PURGE_BATCH && !isStopped());
}

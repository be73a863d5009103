import { type Database, inTransaction } from '../../db/connection.ts';
import { lockStrays, requeueStrays } from './sequencer-store.ts';

/** Looks for strays once; returns how many it queued again. */
export type StrayCheck = () => Promise<number>;

const AFTER_EVERY_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * A stray is an event with neither a pending row nor a leaf. No transaction of ours leaves one: somebody deleted rows by
 * hand, or restored a part of the database. Each check looks at the newest events and takes one more step through the
 * older ones, round and round: bounded work each time, and in time all of the history.
 */
export function createStrayCheck(db: Database): StrayCheck {
  let position: string | null = null;
  return async () => {
    const newest = await step(db, AFTER_EVERY_ID);
    if (newest.next === null) return newest.requeued;
    const older = await step(db, position ?? newest.next);
    position = older.next;
    return newest.requeued + older.requeued;
  };
}

function step(db: Database, before: string): Promise<{ requeued: number; next: string | null }> {
  return inTransaction(db, async (tx) => {
    if (!(await lockStrays(tx))) return { requeued: 0, next: before };
    // Commit point. A crash before it leaves the strays to the next check; after it they wait like new events.
    return await requeueStrays(tx, before);
  });
}

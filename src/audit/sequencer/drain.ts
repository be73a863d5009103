import { type Database, inTransaction } from '../../db/connection.ts';
import { TILE_WIDTH } from '../core/tile.ts';
import { DRAIN_BATCH, lockLog, openHead, peekLog, placeBatch } from './sequencer-store.ts';
import { writeFullTiles } from './tree.ts';

/**
 * Gives every event that waited in the log when this was called its place: dense leaf indexes, in commit order for
 * events of the same subject. The background goes away if another replica is at it (`wait: false`); a read waits.
 * Returns how many events got their place here.
 */
export async function drain(db: Database, logId: string, { wait }: { readonly wait: boolean }): Promise<number> {
  let placed = 0;
  for (;;) {
    const batch = await drainBatch(db, logId, wait);
    placed += batch.placed;
    // A batch that is not full has taken all that was visible, and what was committed before the call was visible.
    if (batch.taken < DRAIN_BATCH) return placed;
  }
}

/** Drains if something waits, and tells how many leaves the log then has: all that was committed before the call. */
export async function drainForRead(db: Database, logId: string): Promise<number> {
  const before = await peekLog(db, logId);
  if (!before.hasPending) return before.size;
  await drain(db, logId, { wait: true });
  return (await peekLog(db, logId)).size;
}

async function drainBatch(db: Database, logId: string, wait: boolean): Promise<{ taken: number; placed: number }> {
  return await inTransaction(db, async (tx) => {
    if (!(await lockLog(tx, logId, { wait }))) return { taken: 0, placed: 0 };
    const head = await openHead(tx, logId);
    const batch = await placeBatch(tx, logId, head);
    // Somebody moved the head without the lock. Rolling back keeps one history: the rows stay queued.
    if (batch.placed > 0 && batch.moved !== 1) throw new Error('the head of an audit log moved under its lock');
    const size = head.size + batch.placed;
    if (Math.floor(size / TILE_WIDTH) > Math.floor(head.size / TILE_WIDTH)) await writeFullTiles(tx, logId, size);
    // Commit point. A crash before it leaves the rows queued and no leaf; after it, all of the batch has its place and
    // its full tiles, whether or not we live to hear so. The lock ends with the transaction, after its rows have become
    // visible, so the next holder starts from the new head.
    return batch;
  });
}

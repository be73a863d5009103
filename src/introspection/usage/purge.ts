import { type Database, inTransaction, type Transaction } from '../../db/connection.ts';
import type { Clock } from '../../lib/clock.ts';
import { SOURCE_RETENTION_MS } from './buckets.ts';
import { deleteOldCounts, deleteOldSources, deleteOldWriters, lockPurge, PURGE_BATCH } from './purge-store.ts';
import { deleteOldTotals } from './totals-store.ts';

interface PurgeDeps {
  readonly db: Database;
  readonly clock: Clock;
}

/** Longer than any batch of a living process can wait for its second attempt. */
const WRITER_RETENTION_MS = 7 * 24 * 3_600_000;

/** Removes what is past its time, in batches of one transaction each. Goes away if another replica is at it. */
export async function purgeUsage({ db, clock }: PurgeDeps, isStopped = () => false): Promise<void> {
  const now = clock.now();
  const before = (ms: number) => new Date(now.getTime() - ms);
  const steps: readonly ((tx: Transaction) => Promise<number>)[] = [
    (tx) => deleteOldCounts(tx, now),
    (tx) => deleteOldTotals(tx, now),
    (tx) => deleteOldSources(tx, before(SOURCE_RETENTION_MS)),
    async (tx) => {
      await deleteOldWriters(tx, before(WRITER_RETENTION_MS));
      return 0;
    },
  ];
  for (const step of steps) {
    let done: number;
    do {
      done = await inTransaction(db, async (tx) => ((await lockPurge(tx)) ? step(tx) : 0));
    } while (done === PURGE_BATCH && !isStopped());
  }
}

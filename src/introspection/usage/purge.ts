import { type Database, inTransaction, type Transaction } from '../../db/connection.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { SOURCE_RETENTION_MS } from './buckets.ts';
import { deleteOldCounts, deleteOldSources, deleteOldWriters, lockPurge, PURGE_BATCH } from './purge-store.ts';

export interface UsagePurge {
  stop(): void;
}

interface PurgeDeps {
  readonly db: Database;
  readonly clock: Clock;
}

const INTERVAL_MS = 10 * 60 * 1000;
/** Longer than any batch of a living process can wait for its second attempt. */
const WRITER_RETENTION_MS = 7 * 24 * 3_600_000;

/** Removes old usage now and then, in the background. A failure is retried at the next turn. */
export function scheduleUsagePurge({ logger, ...deps }: PurgeDeps & { readonly logger: Logger }): UsagePurge {
  let isStopped = false;
  const purge = async () => {
    try {
      await purgeUsage(deps, () => isStopped);
    } catch (error) {
      if (!isStopped) logger.log('warn', 'usage.purge_failed', { err: error });
    }
  };
  const timer = setInterval(() => void purge(), INTERVAL_MS).unref();
  return {
    stop() {
      isStopped = true;
      clearInterval(timer);
    },
  };
}

/** Removes what is past its time, in batches of one transaction each. Goes away if another replica is at it. */
export async function purgeUsage({ db, clock }: PurgeDeps, isStopped = () => false): Promise<void> {
  const now = clock.now();
  const before = (ms: number) => new Date(now.getTime() - ms);
  const steps: readonly ((tx: Transaction) => Promise<number>)[] = [
    (tx) => deleteOldCounts(tx, now),
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

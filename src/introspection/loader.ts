import type { Digest } from '../credentials/digest.ts';
import type { Database } from '../db/connection.ts';
import { DatabaseSilent, withinDeadline } from '../db/deadline.ts';
import type { CredentialRecord } from './record.ts';
import { selectRecords } from './store.ts';

/** Finds the record behind a digest; undefined if there is none. Rejects when the database cannot be asked. */
export type RecordLoader = (digest: Digest) => Promise<CredentialRecord | undefined>;

interface Waiter {
  readonly digest: Digest;
  resolve(record: CredentialRecord | undefined): void;
  reject(error: unknown): void;
}

const MAX_BATCHES_IN_FLIGHT = 2;
const MAX_BATCH_SIZE = 500;
/** Callers would rather hear that we cannot tell than wait longer. */
const DEADLINE_MS = 3_000;

/**
 * Look-ups of one turn of the event loop become one query, and while two queries are in flight the next look-ups gather
 * for the third: under load the batches grow and the database sees few statements, without load nobody waits.
 */
export function createRecordLoader(db: Database): RecordLoader {
  let waiting: Waiter[] = [];
  let inFlight = 0;
  let isScheduled = false;

  const schedule = () => {
    if (isScheduled || waiting.length === 0 || inFlight >= MAX_BATCHES_IN_FLIGHT) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      const batch = waiting.slice(0, MAX_BATCH_SIZE);
      waiting = waiting.slice(MAX_BATCH_SIZE);
      void run(batch);
      schedule();
    });
  };

  const run = async (batch: readonly Waiter[]) => {
    inFlight += 1;
    try {
      const digests = batch.map((waiter) => waiter.digest);
      const records = await withinDeadline(selectRecords(db, digests), DEADLINE_MS);
      for (const waiter of batch) waiter.resolve(records.get(waiter.digest.toString('hex')));
    } catch (error) {
      // A silent database will not answer those in line any sooner.
      const hopeless = error instanceof DatabaseSilent ? waiting.splice(0) : [];
      for (const waiter of [...batch, ...hopeless]) waiter.reject(error);
    } finally {
      inFlight -= 1;
      schedule();
    }
  };

  return (digest) =>
    new Promise((resolve, reject) => {
      waiting.push({ digest, resolve, reject });
      schedule();
    });
}

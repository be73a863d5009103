import type { Digest } from '../credentials/digest.ts';
import type { Database } from '../db/connection.ts';
import { DatabaseSilent, withinDeadline } from '../db/deadline.ts';
import { createBatcher } from '../lib/batcher.ts';
import type { CredentialRecord } from './record.ts';
import { selectRecords } from './store.ts';

/** Finds the record behind a digest; undefined if there is none. Rejects when the database cannot be asked. */
export type RecordLoader = (digest: Digest) => Promise<CredentialRecord | undefined>;

const MAX_BATCHES_IN_FLIGHT = 2;
const MAX_BATCH_SIZE = 500;
/** Callers would rather hear that we cannot tell than wait longer. */
const DEADLINE_MS = 3_000;

/** Look-ups in batches, each of them one query: under load the database sees few statements. */
export function createRecordLoader(db: Database): RecordLoader {
  return createBatcher<Digest, CredentialRecord | undefined>({
    maxInFlight: MAX_BATCHES_IN_FLIGHT,
    maxSize: MAX_BATCH_SIZE,
    // A silent database will not answer those in line any sooner.
    isHopeless: (error) => error instanceof DatabaseSilent,
    run: async (digests) => {
      const records = await withinDeadline(selectRecords(db, digests), DEADLINE_MS);
      return digests.map((digest) => ({ ok: true, value: records.get(digest.toString('hex')) }));
    },
  });
}

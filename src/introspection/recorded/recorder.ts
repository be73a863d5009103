import { appendAlone } from '../../audit/events/append.ts';
import type { DatabasePool, PoolOptions } from '../../db/connection.ts';
import { DatabaseSilent } from '../../db/deadline.ts';
import { createOwnConnections } from '../../db/own-connections.ts';
import { createBatcher } from '../../lib/batcher.ts';
import type { IdSource } from '../../lib/ids.ts';
import { eventsOf, type RecordedIntrospection } from './batch.ts';

/** Writes single introspections into the audit log, for the workspaces that want every one recorded. */
export interface IntrospectionRecorder {
  /** Resolves when the record is on disk. Rejects if it may not be: then nobody may hear the verdict. */
  record(introspection: RecordedIntrospection): Promise<void>;
}

export interface RecorderOptions extends IdSource {
  openApart(options: PoolOptions): DatabasePool;
}

/**
 * While one batch is on its way to the disk, the next one gathers: half of those who wait are in each. With two on their
 * way batches would be smaller, and each costs the same.
 */
const MAX_BATCHES_IN_FLIGHT = 1;
/** So many addresses of its holders and introspectors a leaf has room for. */
const MAX_BATCH_SIZE = 400;
/** Callers would rather hear that we cannot tell than wait longer. */
const DEADLINE_MS = 3_000;

export function createIntrospectionRecorder(options: RecorderOptions): IntrospectionRecorder & AsyncDisposable {
  const { openApart } = options;
  const connections = createOwnConnections(
    () => openApart({ maxConnections: MAX_BATCHES_IN_FLIGHT, applicationName: 'tooken-records' }),
    DEADLINE_MS,
  );
  const record = createBatcher<RecordedIntrospection, void>({
    maxInFlight: MAX_BATCHES_IN_FLIGHT,
    maxSize: MAX_BATCH_SIZE,
    // A silent database will not take the others any sooner.
    isHopeless: (error) => error instanceof DatabaseSilent,
    run: async (introspections) => {
      const events = eventsOf(introspections);
      await connections.use((db) => appendAlone(db, options, events));
      return introspections.map(() => RECORDED);
    },
  });
  return { record, [Symbol.asyncDispose]: () => connections.close() };
}

const RECORDED = { ok: true, value: undefined } as const;

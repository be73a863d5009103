import type { Database } from '../../db/connection.ts';
import { isDatabaseUnavailable } from '../../db/errors.ts';
import { createAlarm } from '../../lib/alarm.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { selectLogsAfter, selectLogsToSign } from './checkpoint-store.ts';
import { CHECKPOINT_INTERVAL_MS, type Checkpoints } from './checkpoints.ts';

/**
 * Signs for logs that have grown, in the background: each at most once a second. At the start it has the guards look at all
 * of them, some in each round, since a database that was restored need not grow.
 */
export interface CheckpointPublisher {
  start(): void;
  /** The log has new leaves. */
  grew(logId: string): void;
  /** Ends when what has grown is signed for, as far as that can be done now; another replica does the rest. */
  stop(): Promise<void>;
}

export interface PublisherOptions {
  readonly db: Database;
  readonly checkpoints: Checkpoints;
  readonly logger: Logger;
  readonly intervalMs?: number;
  /** How often it looks for logs that grew elsewhere: by a read, or a replica that is gone. */
  readonly sweepMs?: number;
}

const SWEEP_MS = 5_000;
const MAX_BACKOFF_MS = 30_000;
/** So many logs are reviewed in one round, until all are. */
const REVIEWS = 50;

export function createCheckpointPublisher(options: PublisherOptions): CheckpointPublisher {
  const { db, checkpoints, logger, intervalMs = CHECKPOINT_INTERVAL_MS, sweepMs = SWEEP_MS } = options;
  const stopping = createAlarm();
  const grown = new Set<string>();
  let isStopping = false;
  let isSweepDue = true;
  let isReviewDue = true;
  let lastReviewed: string | null = null;
  let failures = 0;
  let running: Promise<void> | undefined;
  let sweepTimer: NodeJS.Timeout | undefined;

  async function run(): Promise<void> {
    while (!isStopping) {
      await publishAll();
      const backoffMs = Math.min(intervalMs * 2 ** Math.min(failures, 10), MAX_BACKOFF_MS);
      await stopping.sleep(failures === 0 ? intervalMs : backoffMs);
    }
    // What grew within this second. A failure has been told of, and the next start sweeps.
    await publishAll();
  }

  async function publishAll(): Promise<void> {
    let firstError: unknown;
    try {
      if (isSweepDue) for (const logId of await selectLogsToSign(db)) grown.add(logId);
      isSweepDue = false;
      if (isReviewDue && !isStopping) await review();
      for (const logId of [...grown]) {
        // One log that cannot be signed for does not hold up the others.
        firstError = await publish(logId).then(
          () => firstError,
          (error: unknown) => firstError ?? error,
        );
        if (isDatabaseUnavailable(firstError)) break;
      }
    } catch (error) {
      firstError = error;
    }
    if (firstError === undefined) failures = 0;
    else report(firstError);
  }

  /** One that cannot be looked at now is tried again like one that has grown. */
  async function review(): Promise<void> {
    const page = await selectLogsAfter(db, lastReviewed, REVIEWS);
    for (const logId of page) {
      if (isStopping) return;
      await checkpoints.review(logId).catch(() => grown.add(logId));
      lastReviewed = logId;
    }
    isReviewDue = page.length === REVIEWS;
  }

  async function publish(logId: string): Promise<void> {
    // Before it is signed for: what grows meanwhile is for the next round.
    grown.delete(logId);
    let isDone = false;
    try {
      isDone = (await checkpoints.publish(logId, { isLast: isStopping })) !== undefined;
    } finally {
      if (!isDone) grown.add(logId);
    }
  }

  /** Said at the first failure, then ever less often. */
  function report(error: unknown): void {
    failures += 1;
    if (Number.isInteger(Math.log2(failures))) logger.log('error', 'audit.checkpoint_failed', { err: error, failures });
  }

  return {
    start() {
      if (running !== undefined) return;
      sweepTimer = setInterval(() => {
        isSweepDue = true;
      }, sweepMs).unref();
      running = run();
    },
    grew: (logId) => void grown.add(logId),
    async stop() {
      isStopping = true;
      clearInterval(sweepTimer);
      stopping.ring();
      await running;
    },
  };
}

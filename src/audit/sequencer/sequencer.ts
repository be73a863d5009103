import type { Database } from '../../db/connection.ts';
import { createAlarm } from '../../lib/alarm.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { drain } from './drain.ts';
import { logsWithPending } from './sequencer-store.ts';
import { createStrayCheck } from './strays.ts';

/** Gives pending events their place in the background, so that reads find little left to do. */
export interface Sequencer {
  start(): void;
  /** Ends after the transaction in hand. What still waits is placed at the next start, or by another replica. */
  stop(): Promise<void>;
}

export interface SequencerOptions {
  readonly db: Database;
  readonly logger: Logger;
  /** Told of each log that got new leaves here. */
  readonly onGrown?: (logId: string) => void;
  readonly sweepMs?: number;
  readonly strayCheckMs?: number;
}

const SWEEP_MS = 100;
const STRAY_CHECK_MS = 60_000;
const MAX_BACKOFF_MS = 5_000;

export function createSequencer(options: SequencerOptions): Sequencer {
  const { db, logger, onGrown, sweepMs = SWEEP_MS, strayCheckMs = STRAY_CHECK_MS } = options;
  const stopping = createAlarm();
  const checkForStrays = createStrayCheck(db);
  let isStopping = false;
  let isStrayCheckDue = true;
  let failures = 0;
  let running: Promise<void> | undefined;
  let strayTimer: NodeJS.Timeout | undefined;

  // One loop: sweeps never overlap.
  async function run(): Promise<void> {
    while (!isStopping) {
      try {
        await sweep();
        failures = 0;
      } catch (error) {
        report(error);
      }
      await rest();
    }
  }

  async function sweep(): Promise<void> {
    for (const logId of await logsWithPending(db)) {
      if (isStopping) return;
      if ((await drain(db, logId, { wait: false })) > 0) onGrown?.(logId);
    }
    if (!isStrayCheckDue) return;
    const requeued = await checkForStrays();
    isStrayCheckDue = false;
    if (requeued > 0) logger.log('error', 'audit.events_requeued', { count: requeued });
  }

  /** Nothing is lost: the queue keeps what waits. Said at the first failure, then ever less often. */
  function report(error: unknown): void {
    failures += 1;
    if (Number.isInteger(Math.log2(failures))) logger.log('error', 'audit.sequencer_failed', { err: error, failures });
  }

  async function rest(): Promise<void> {
    await stopping.sleep(failures === 0 ? sweepMs : Math.min(sweepMs * 2 ** failures, MAX_BACKOFF_MS));
  }

  return {
    start() {
      if (running !== undefined) return;
      strayTimer = setInterval(() => {
        isStrayCheckDue = true;
      }, strayCheckMs).unref();
      running = run();
    },
    async stop() {
      isStopping = true;
      clearInterval(strayTimer);
      stopping.ring();
      await running;
    },
  };
}

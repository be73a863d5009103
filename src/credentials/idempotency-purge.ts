import type { Database } from '../db/connection.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import { purgeAnswers } from './idempotency.ts';

const INTERVAL_MS = 10 * 60 * 1000;

/** Removes old idempotent answers now and then, in the background. A failure is retried at the next turn. */
export function schedulePurge({ db, clock, logger }: { db: Database; clock: Clock; logger: Logger }): { stop(): void } {
  let isStopped = false;
  const purge = async () => {
    try {
      await purgeAnswers({ db, clock });
    } catch (error) {
      if (!isStopped) logger.log('warn', 'idempotency.purge_failed', { err: error });
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

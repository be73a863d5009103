import type { Database } from '../../db/connection.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { deleteExpired } from './purge-store.ts';

interface PurgeDeps {
  readonly db: Database;
  readonly clock: Clock;
}

const INTERVAL_MS = 10 * 60 * 1000;
/** A session has some hundreds of refresh tokens, which go with it. */
const BATCH = 200;

/** Removes sessions that are past their end now and then, in the background. A failure is retried at the next turn. */
export function scheduleSessionPurge({ logger, ...deps }: PurgeDeps & { readonly logger: Logger }): { stop(): void } {
  let isStopped = false;
  const purge = async () => {
    try {
      await purgeSessions(deps, () => isStopped);
    } catch (error) {
      if (!isStopped) logger.log('warn', 'sessions.purge_failed', { err: error });
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

/**
 * Removes all sessions that are past their end, with their refresh tokens, in batches. One that was ended before stays until
 * then, so that it can be told why its tokens are good for nothing.
 */
export async function purgeSessions({ db, clock }: PurgeDeps, isStopped = () => false): Promise<void> {
  const now = clock.now();
  while (!isStopped() && (await deleteExpired(db, now, BATCH)) === BATCH);
}

import type { Database } from '../../db/connection.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { purgeChallenges } from './challenge.ts';
import { purgeFailures } from './lockout.ts';

const INTERVAL_MS = 10 * 60 * 1000;

/** Removes what signing in has left behind now and then, in the background. A failure is retried at the next turn. */
export function scheduleSignInPurge(deps: { readonly db: Database; readonly clock: Clock; readonly logger: Logger }): {
  stop(): void;
} {
  let isStopped = false;
  const purge = async () => {
    try {
      await purgeFailures(deps);
      await purgeChallenges(deps);
    } catch (error) {
      if (!isStopped) deps.logger.log('warn', 'sign_in.purge_failed', { err: error });
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

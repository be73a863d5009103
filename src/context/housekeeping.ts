import { purgeAnswers } from '../credentials/idempotency.ts';
import type { Database } from '../db/connection.ts';
import { purgeSessions } from '../identity/sessions/purge.ts';
import { purgeChallenges } from '../identity/sign-in/challenge.ts';
import { purgeFailures } from '../identity/sign-in/lockout.ts';
import { purgeUsage } from '../introspection/usage/purge.ts';
import type { Clock } from '../lib/clock.ts';
import { purgeRequests } from '../requests/purge.ts';
import type { LogEvent } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/logger.ts';

interface HousekeepingOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  /** For how long the request log is kept; null: not at all. */
  readonly requestLogDays: number | null;
}

/** Removes something that has grown old, and gives up early once it is stopped. */
type Chore = (isStopped: () => boolean) => Promise<unknown>;

const INTERVAL_MS = 10 * 60 * 1000;

/**
 * Removes what has grown old in the database now and then, in the background, one thing after the other. What fails is
 * logged, holds up nothing else, and is tried again at the next turn.
 */
export function startHousekeeping({ db, clock, logger, requestLogDays }: HousekeepingOptions): { stop(): void } {
  const deps = { db, clock };
  const chores: readonly (readonly [failure: LogEvent, Chore])[] = [
    ['idempotency.purge_failed', () => purgeAnswers(deps)],
    ['usage.purge_failed', (isStopped) => purgeUsage(deps, isStopped)],
    ['sign_in.purge_failed', () => purgeFailures(deps)],
    ['sign_in.purge_failed', () => purgeChallenges(deps)],
    ['sessions.purge_failed', (isStopped) => purgeSessions(deps, isStopped)],
    ['request_log.purge_failed', (isStopped) => purgeRequests({ ...deps, days: requestLogDays }, isStopped)],
  ];
  let isStopped = false;

  async function clean(): Promise<void> {
    for (const [failure, chore] of chores) {
      if (isStopped) return;
      await chore(() => isStopped).catch((err: unknown) => {
        if (!isStopped) logger.log('warn', failure, { err });
      });
    }
  }

  const timer = setInterval(() => void clean(), INTERVAL_MS).unref();
  return {
    stop() {
      isStopped = true;
      clearInterval(timer);
    },
  };
}

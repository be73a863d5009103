import type { Database } from '../../db/connection.ts';
import type { Clock } from '../../lib/clock.ts';
import { deleteExpired } from './purge-store.ts';

interface PurgeDeps {
  readonly db: Database;
  readonly clock: Clock;
}

/** A session has some hundreds of refresh tokens, which go with it. */
const BATCH = 200;

/**
 * Removes all sessions that are past their end, with their refresh tokens, in batches. One that was ended before stays until
 * then, so that it can be told why its tokens are good for nothing.
 */
export async function purgeSessions({ db, clock }: PurgeDeps, isStopped = () => false): Promise<void> {
  const now = clock.now();
  while (!isStopped() && (await deleteExpired(db, now, BATCH)) === BATCH);
}

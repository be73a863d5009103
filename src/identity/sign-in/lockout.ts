import type { Database, Transaction } from '../../db/connection.ts';
import type { Clock } from '../../lib/clock.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { CounterKey } from './keys.ts';
import { countInStore, deleteOldCounters, deleteUnlocked, selectLock, selectNewestSurplus } from './lockout-store.ts';

/** So many failures in a row lock a counter, */
export const FAILURES_TO_LOCK = 5;
/** for so long from the last of them; what is tried meanwhile is counted, and makes it no longer. */
export const LOCK_SECONDS = 900;
/** Failures are in a row if none of them is older than this when the next one comes. */
const FORGOTTEN_SECONDS = 86_400;

export interface Failure {
  /** In a row, with this one. */
  readonly failures: number;
  readonly lockedUntil: Date | undefined;
}

/** Counts a failure, in one statement that as many as like may run at once: each is counted. */
export function countFailure(executor: Database | Transaction, key: CounterKey, now: Date): Promise<Failure> {
  return countInStore(executor, key, {
    now,
    lockAt: FAILURES_TO_LOCK,
    lockedUntil: new Date(now.getTime() + LOCK_SECONDS * 1000),
    since: new Date(now.getTime() - FORGOTTEN_SECONDS * 1000),
  });
}

/** The end of a lock that holds at `now`; undefined if there is none. */
export function readLock(executor: Database | Transaction, key: CounterKey, now: Date): Promise<Date | undefined> {
  return selectLock(executor, key, now);
}

/**
 * Forgets the failures counted under `key`, since somebody is about to complete a sign-in; unless they have locked it: then
 * the end of the lock, and the sign-in must not be. That is decided after whoever is counting at the moment.
 */
export async function clearFailures(tx: Transaction, key: CounterKey, now: Date): Promise<Date | undefined> {
  await deleteUnlocked(tx, key, now);
  return await selectLock(tx, key, now);
}

/** What whoever is locked out is told. */
export function lockedError(lockedUntil: Date, now: Date): ServiceError {
  const seconds = Math.max(1, Math.ceil((lockedUntil.getTime() - now.getTime()) / 1000));
  return new ServiceError('account_locked', { retryAfterSeconds: seconds });
}

/** Anybody can make counters, one for each email that they think of; this many are kept however many come in a day. */
const MAX_COUNTERS = 1_000_000;
const PURGE_BATCH = 5_000;

/** Removes counters that mean nothing any more, and the oldest of too many; says how many. */
export async function purgeFailures(
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  maxCounters = MAX_COUNTERS,
): Promise<number> {
  const forgotten = new Date(clock.now().getTime() - FORGOTTEN_SECONDS * 1000);
  const surplus = await selectNewestSurplus(db, maxCounters);
  const until = surplus !== undefined && surplus > forgotten ? surplus : forgotten;
  let total = 0;
  for (let deleted = PURGE_BATCH; deleted === PURGE_BATCH; total += deleted) {
    deleted = await deleteOldCounters(db, until, PURGE_BATCH);
  }
  return total;
}

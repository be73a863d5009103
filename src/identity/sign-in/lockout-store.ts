import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import type { CounterKey } from './keys.ts';

export interface CountingRule {
  readonly now: Date;
  /** The count that locks, */
  readonly lockAt: number;
  /** and until when. */
  readonly lockedUntil: Date;
  /** A row without failures since then starts anew; so does one whose lock has ended. */
  readonly since: Date;
}

export async function countInStore(
  executor: Database | Transaction,
  key: CounterKey,
  rule: CountingRule,
): Promise<{ readonly failures: number; readonly lockedUntil: Date | undefined }> {
  const sql = clientOf(executor);
  const [now, until, since] = [rule.now, rule.lockedUntil, rule.since].map((date) => date.toISOString());
  const startsAnew = sql`(f.locked_until <= ${now ?? ''} or f.last_failure_at < ${since ?? ''})`;
  const [row] = await sql<{ failures: number; locked_ms: number | null }[]>`
    insert into sign_in_failures as f (key, failures, last_failure_at) values (${key}, 1, ${now ?? ''})
    on conflict (key) do update set
      failures = case when ${startsAnew} then 1 else f.failures + 1 end,
      locked_until = case
        when ${startsAnew} then null
        when f.locked_until is null and f.failures + 1 >= ${rule.lockAt} then ${until ?? ''}::timestamptz
        else f.locked_until end,
      last_failure_at = greatest(f.last_failure_at, excluded.last_failure_at)
    returning failures, extract(epoch from locked_until)::float8 * 1000 as locked_ms`;
  if (row === undefined) throw new Error('a failure was not counted');
  return { failures: row.failures, lockedUntil: toDate(row.locked_ms) };
}

export async function selectLock(
  executor: Database | Transaction,
  key: CounterKey,
  now: Date,
): Promise<Date | undefined> {
  const [row] = await clientOf(executor)<{ locked_ms: number }[]>`
    select extract(epoch from locked_until)::float8 * 1000 as locked_ms from sign_in_failures
    where key = ${key} and locked_until > ${now.toISOString()}`;
  return toDate(row?.locked_ms ?? null);
}

/** Deletes the counter unless it is locked at `now`. Waits for whoever is counting under the key at the moment. */
export async function deleteUnlocked(tx: Transaction, key: CounterKey, now: Date): Promise<void> {
  await clientOf(tx)`
    delete from sign_in_failures where key = ${key} and (locked_until is null or locked_until <= ${now.toISOString()})`;
}

/** Forgets the failures counted under `key`, and the lock that they have led to. */
export async function deleteFailures(tx: Transaction, key: CounterKey): Promise<void> {
  await clientOf(tx)`delete from sign_in_failures where key = ${key}`;
}

/** The last failure of the newest counter beyond the `kept` newest; undefined if there are no more than those. */
export async function selectNewestSurplus(db: Database, kept: number): Promise<Date | undefined> {
  const [row] = await clientOf(db)<{ ms: number }[]>`
    select extract(epoch from last_failure_at)::float8 * 1000 as ms from sign_in_failures
    order by last_failure_at desc offset ${kept} limit 1`;
  return toDate(row?.ms ?? null);
}

/** Deletes up to `limit` counters without failures since `until`, and says how many. */
export async function deleteOldCounters(db: Database, until: Date, limit: number): Promise<number> {
  const { count } = await clientOf(db)`
    delete from sign_in_failures where key in (
      select key from sign_in_failures where last_failure_at <= ${until.toISOString()}
      order by last_failure_at limit ${limit} for update skip locked)`;
  return count;
}

function toDate(ms: number | null): Date | undefined {
  return ms === null ? undefined : new Date(Math.round(ms));
}

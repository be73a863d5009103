import { clientOf } from '../db/client.ts';
import type { Transaction } from '../db/connection.ts';

/** At most so many rows are removed in one transaction. Written out in the SQL, so that plans can count on it. */
export const PURGE_BATCH = 2_000;

/** Whether this transaction is the one that may purge now. */
export async function lockPurge(tx: Transaction): Promise<boolean> {
  const [row] = await clientOf(tx)<{ taken: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended('tooken/request-log-purge', 0)) as taken`;
  return row?.taken === true;
}

/** Removes the oldest calls that came before `before`; returns how many. */
export async function deleteOldRequests(tx: Transaction, before: Date): Promise<number> {
  const { count } = await clientOf(tx)`
    delete from request_log where id in (
      select id from request_log where at < ${before.toISOString()}::timestamptz order by at limit 2000)`;
  return count;
}

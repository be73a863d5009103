import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';

/** Deletes up to `limit` sessions that are past their end, and says how many. Others may be at it too. */
export async function deleteExpired(db: Database, now: Date, limit: number): Promise<number> {
  const { count } = await clientOf(db)`
    delete from sessions where id in (
      select id from sessions where expires_at <= ${now.toISOString()}
      order by expires_at limit ${limit} for update skip locked)`;
  return count;
}

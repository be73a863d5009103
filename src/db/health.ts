import { sql } from 'drizzle-orm';
import type { Database } from './connection.ts';

/** Whether the database answers now. */
export async function isReachable(db: Database): Promise<boolean> {
  try {
    await db.execute(sql`select 1`);
    return true;
  } catch {
    return false;
  }
}

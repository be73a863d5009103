import { sql } from 'drizzle-orm';
import type { Database } from './connection.ts';
import { withinDeadline } from './deadline.ts';

const DEADLINE_MS = 2_000;

/** Whether the database answers now. */
export async function isReachable(db: Database): Promise<boolean> {
  try {
    await withinDeadline(db.execute(sql`select 1`), DEADLINE_MS);
    return true;
  } catch {
    return false;
  }
}

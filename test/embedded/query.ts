import postgres, { type Sql } from 'postgres';
import type { ConnectionTarget } from '../../src/db/connection.ts';

/** Runs something on a connection of its own. */
export async function withConnection<T>(target: ConnectionTarget, use: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = postgres({ ...target, max: 1, onnotice: () => {} });
  try {
    return await use(sql);
  } finally {
    await sql.end();
  }
}

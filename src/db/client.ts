import { PostgresJsSession } from 'drizzle-orm/postgres-js';
import type postgres from 'postgres';
import { type Database, requireOpen, type Transaction } from './connection.ts';

/**
 * The driver's own client behind `db` or `tx`, for SQL that no query builder says well. Its tagged templates run inside
 * the transaction and are prepared once per connection; drizzle's `execute` prepares nothing and asks the server to
 * describe the statement each time, which is a second round trip and a new plan. Instants go in and come out as text.
 */
export function clientOf(executor: Database | Transaction): postgres.Sql {
  requireOpen(executor);
  const { session } = executor._;
  if (!(session instanceof PostgresJsSession)) throw new TypeError('not a session of the postgres driver');
  return session.client;
}

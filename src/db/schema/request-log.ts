import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

/** Management calls that API keys and tokens have made, kept for a while. No foreign keys: it outlives what it tells of. */
export const requestLog = pgTable(
  'request_log',
  {
    id: uuid('id').primaryKey(),
    workspaceId: uuid('workspace_id').notNull(),
    environment: text('environment', { enum: ['live', 'test'] }).notNull(),
    at: instant('at').notNull(),
    /** Id of the API key or token that called. */
    principalId: text('principal_id').notNull(),
    method: text('method').notNull(),
    /** The route's pattern, never the path with its values. */
    route: text('route').notNull(),
    status: smallint('status').notNull(),
    durationMs: integer('duration_ms').notNull(),
    /** As the answer's `X-Request-Id` said. */
    requestId: text('request_id').notNull(),
    /** Personal; null when erased or unknown. */
    ip: text('ip'),
    /** Personal; null when erased or unknown. */
    userAgent: text('user_agent'),
  },
  (table) => [
    // Of an expression, so that only those who ask for all calls go by it: of a planner that finds it beside those below one
    // cannot be sure that it does not walk past millions of calls for a few.
    index('request_log_of_workspace').on(
      table.workspaceId,
      table.environment,
      sql`(${table.at} at time zone 'UTC')`,
      table.id,
    ),
    // Readers walk one status at a time, so that each of these is in their order behind the others.
    index('request_log_by_status').on(table.workspaceId, table.environment, table.status, table.at, table.id),
    index('request_log_by_caller').on(
      table.workspaceId,
      table.environment,
      table.principalId,
      table.status,
      table.at,
      table.id,
    ),
    index('request_log_by_ip').on(table.workspaceId, table.environment, table.ip, table.status, table.at, table.id),
    index('request_log_by_route').on(
      table.workspaceId,
      table.environment,
      table.method,
      table.route,
      table.status,
      table.at,
      table.id,
    ),
    // What is personal of a caller, for whoever erases it: what is erased is not found again.
    index('request_log_personal')
      .on(table.workspaceId, table.principalId)
      .where(sql`${table.ip} is not null or ${table.userAgent} is not null`),
    index('request_log_by_age').on(table.at),
    check('request_log_environment', sql`${table.environment} in ('live', 'test')`),
  ],
);

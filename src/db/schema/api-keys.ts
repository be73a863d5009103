import { sql } from 'drizzle-orm';
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, instant } from './columns.ts';
import { workspaces } from './workspaces.ts';

/** Deleting a key deletes its row; the audit log keeps the memory of it. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: uuid('id').primaryKey(),
    workspaceId: uuid('workspace_id')
      .notNull()
      .references(() => workspaces.id),
    environment: text('environment', { enum: ['live', 'test'] }).notNull(),
    name: text('name').notNull(),
    digest: bytea('digest').notNull().unique(),
    hint: text('hint').notNull(),
    allowedCidrs: text('allowed_cidrs').array(),
    expiresAt: instant('expires_at'),
    createdAt: instant('created_at').notNull(),
    /** Id of the principal that made it, or `system`. */
    createdBy: text('created_by').notNull(),
    regeneratedAt: instant('regenerated_at'),
  },
  (table) => [
    index('api_keys_of_workspace').on(table.workspaceId, table.environment, table.createdAt, table.id),
    check('api_keys_environment', sql`${table.environment} in ('live', 'test')`),
  ],
);

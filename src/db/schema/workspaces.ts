import { sql } from 'drizzle-orm';
import { boolean, check, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

/** The tenant, with its settings. */
export const workspaces = pgTable(
  'workspaces',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull().unique(),
    /** The accent of its dashboard, `#rrggbb`; null for that of Tooken. */
    color: text('color'),
    tokenPrefix: text('token_prefix').notNull(),
    /** Prefixes it had before, which tokens issued then still have: scanners look for these too. */
    formerTokenPrefixes: text('former_token_prefixes').array().notNull().default(sql`'{}'`),
    isScopeCatalogueEnforced: boolean('is_scope_catalogue_enforced').notNull().default(false),
    /** Whether anybody may read its audit log's checkpoints and hashes; never its entries. */
    isAuditTreePublic: boolean('is_audit_tree_public').notNull().default(false),
    /** `all`: an introspection is answered only when its record is durable. */
    auditedIntrospections: text('audited_introspections').notNull().default('counted'),
    revision: integer('revision').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    check('workspaces_token_prefix_form', sql`${table.tokenPrefix} ~ '^[a-z][a-z0-9]{1,11}$'`),
    check('workspaces_color_form', sql`${table.color} ~ '^#[0-9a-f]{6}$'`),
    check('workspaces_audited_introspections_known', sql`${table.auditedIntrospections} in ('counted', 'all')`),
  ],
);

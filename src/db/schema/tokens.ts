import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { bytea, instant } from './columns.ts';
import { workspaces } from './workspaces.ts';

/** A token: its identity, rights and fate. Its secrets are rows of `token_secrets`. */
export const tokens = pgTable(
  'tokens',
  {
    id: uuid('id').primaryKey(),
    workspaceId: uuid('workspace_id')
      .notNull()
      .references(() => workspaces.id),
    environment: text('environment', { enum: ['live', 'test'] }).notNull(),
    name: text('name').notNull(),
    description: text('description'),
    hint: text('hint').notNull(),
    /** As granted to it itself, beside those of its role. */
    scopes: text('scopes').array().notNull(),
    /** All three of its own workspace: composite foreign keys see to it (migration 0014). */
    roleId: uuid('role_id'),
    ownerId: uuid('owner_id'),
    projectId: uuid('project_id'),
    audience: text('audience'),
    metadata: jsonb('metadata').$type<Record<string, unknown>>().notNull(),
    allowedCidrs: text('allowed_cidrs').array(),
    notBefore: instant('not_before'),
    expiresAt: instant('expires_at'),
    createdAt: instant('created_at').notNull(),
    /** Id of the principal that issued it, or `system`. */
    createdBy: text('created_by').notNull(),
    /** The tokens it descends from, the one that issued it last; null when a key or a person issued it. */
    issuedThrough: uuid('issued_through').array(),
    rotatedAt: instant('rotated_at'),
    revokedAt: instant('revoked_at'),
    revokedBy: text('revoked_by'),
    revokeReason: text('revoke_reason'),
    revision: integer('revision').notNull().default(1),
  },
  (table) => [
    // The last columns let a status be looked for without visiting the rows that have another.
    index('tokens_of_workspace').on(
      table.workspaceId,
      table.environment,
      table.createdAt,
      table.id,
      table.revokedAt,
      table.expiresAt,
      table.notBefore,
    ),
    index('tokens_revoked')
      .on(table.workspaceId, table.environment, table.createdAt, table.id)
      .where(sql`${table.revokedAt} is not null`),
    index('tokens_not_before')
      .on(table.workspaceId, table.environment, table.createdAt, table.id)
      .where(sql`${table.notBefore} is not null`),
    index('tokens_by_creator').on(table.workspaceId, table.environment, table.createdBy, table.createdAt, table.id),
    index('tokens_by_issuing_token').using('gin', table.issuedThrough).where(sql`${table.issuedThrough} is not null`),
    index('tokens_by_expiry').on(table.workspaceId, table.environment, table.expiresAt),
    // What works and when it ends, or never, is counted here without visiting a row, or anything that was revoked.
    index('tokens_unrevoked')
      .on(table.workspaceId, table.environment, table.expiresAt, table.createdAt, table.id, table.notBefore)
      .where(sql`${table.revokedAt} is null`),
    index('tokens_by_role').on(table.roleId, table.createdAt, table.id).where(sql`${table.roleId} is not null`),
    // With all that tells whether somebody sees a token and whether it works, as for members that is asked again and again.
    index('tokens_by_owner')
      .on(
        table.ownerId,
        table.environment,
        table.createdAt,
        table.id,
        table.workspaceId,
        table.revokedAt,
        table.expiresAt,
        table.notBefore,
      )
      .where(sql`${table.ownerId} is not null`),
    index('tokens_by_project')
      .on(table.projectId, table.environment, table.createdAt, table.id)
      .where(sql`${table.projectId} is not null`),
    index('tokens_by_scope').using('gin', table.scopes),
    check('tokens_environment', sql`${table.environment} in ('live', 'test')`),
  ],
);

/**
 * What opens a token. At most two: the current secret, whose `valid_until` is null, and, for the grace period after a
 * rotation, the previous one.
 */
export const tokenSecrets = pgTable(
  'token_secrets',
  {
    digest: bytea('digest').primaryKey(),
    tokenId: uuid('token_id')
      .notNull()
      .references(() => tokens.id, { onDelete: 'cascade' }),
    createdAt: instant('created_at').notNull(),
    validUntil: instant('valid_until'),
  },
  (table) => [
    index('token_secrets_of_token').on(table.tokenId),
    // One current secret per token, whatever races.
    uniqueIndex('token_secrets_one_current').on(table.tokenId).where(sql`${table.validUntil} is null`),
  ],
);

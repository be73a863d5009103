import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

/** When and from where a credential was last used. Narrow and apart, so that use does not rewrite the wide rows. */
export const credentialUses = pgTable('credential_uses', {
  credentialId: uuid('credential_id').primaryKey(),
  lastUsedAt: instant('last_used_at').notNull(),
  lastUsedFrom: text('last_used_from'),
});

/**
 * How often tokens were used: one row per minute, one per hour and one per day for everything that is told apart.
 * All three are written together, so that each can be read as it is, and old ones only have to be removed. Nothing here
 * refers to other tables: what happened stays told when a token or its introspector has gone.
 */
export const tokenUsage = pgTable(
  'token_usage',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    workspaceId: uuid('workspace_id').notNull(),
    environment: text('environment', { enum: ['live', 'test'] }).notNull(),
    /** Null for what led to no token of the introspector's workspace and environment. */
    tokenId: uuid('token_id'),
    /** Id of the principal that asked; null when the token called Tooken itself. */
    introspectorId: text('introspector_id'),
    /** An IPv4 address or an IPv6 /64; null if unknown, or if the token has come from too many to tell them apart. */
    source: text('source'),
    outcome: text('outcome').notNull(),
    /** Null where there is no token. */
    secret: text('secret', { enum: ['current', 'previous'] }),
    /** How long the row's stretch of time is: 60, 3,600 or 86,400. */
    bucketSeconds: integer('bucket_seconds').notNull(),
    startsAt: instant('starts_at').notNull(),
    uses: bigint('uses', { mode: 'number' }).notNull(),
    lastUsedAt: instant('last_used_at').notNull(),
  },
  (table) => [
    // An introspector belongs to one workspace and environment, so these need not be in it. Also finds a token's rows.
    unique('token_usage_of_token')
      .on(
        table.tokenId,
        table.bucketSeconds,
        table.startsAt,
        table.introspectorId,
        table.source,
        table.outcome,
        table.secret,
      )
      .nullsNotDistinct(),
    index('token_usage_of_workspace').on(
      table.workspaceId,
      table.environment,
      table.bucketSeconds,
      table.startsAt,
      table.id,
    ),
    index('token_usage_by_introspector').on(table.introspectorId, table.bucketSeconds, table.startsAt, table.id),
    index('token_usage_by_source')
      .on(table.workspaceId, table.environment, table.source, table.bucketSeconds, table.startsAt, table.id)
      .where(sql`${table.source} is not null`),
    // Nearly all rows are of active tokens and current secrets. The others are what people look for.
    index('token_usage_inactive')
      .on(table.workspaceId, table.environment, table.outcome, table.bucketSeconds, table.startsAt, table.id)
      .where(sql`${table.outcome} <> 'active'`),
    index('token_usage_previous')
      .on(table.workspaceId, table.environment, table.bucketSeconds, table.startsAt, table.id)
      .where(sql`${table.secret} = 'previous'`),
    index('token_usage_previous_of_token')
      .on(table.tokenId, table.bucketSeconds, table.startsAt)
      .where(sql`${table.secret} = 'previous'`),
  ],
);

/**
 * Where tokens have come from, each place once: a bounded number for each token. The source `*` stands for all further
 * ones.
 */
export const tokenSources = pgTable(
  'token_sources',
  {
    tokenId: uuid('token_id').notNull(),
    /** Whether the token was good. Sources it was denied from have a bound of their own. */
    isAdmitted: boolean('is_admitted').notNull(),
    source: text('source').notNull(),
    /** When it was last known to be in use; brought up to date when it looks old (introspection/usage/purge.ts). */
    seenAt: instant('seen_at').notNull(),
    /** When it was new; null if that is `seen_at`, which was never brought up to date. */
    firstSeenAt: instant('first_seen_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tokenId, table.isAdmitted, table.source] }),
    index('token_sources_by_age').on(table.seenAt),
  ],
);

/**
 * The same counts without tokens, secrets and sources: few rows an hour, so that the use of a whole workspace is read in
 * milliseconds. Written together with them.
 */
export const usageTotals = pgTable(
  'usage_totals',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    workspaceId: uuid('workspace_id').notNull(),
    environment: text('environment', { enum: ['live', 'test'] }).notNull(),
    /** Id of the principal that asked; null for tokens that called Tooken itself. */
    introspectorId: text('introspector_id'),
    outcome: text('outcome').notNull(),
    /** How long the row's stretch of time is: 3,600 or 86,400. */
    bucketSeconds: integer('bucket_seconds').notNull(),
    startsAt: instant('starts_at').notNull(),
    uses: bigint('uses', { mode: 'number' }).notNull(),
  },
  (table) => [
    unique('usage_totals_of_workspace')
      .on(
        table.workspaceId,
        table.environment,
        table.bucketSeconds,
        table.startsAt,
        table.introspectorId,
        table.outcome,
      )
      .nullsNotDistinct(),
    index('usage_totals_by_introspector').on(table.introspectorId, table.bucketSeconds, table.startsAt),
    index('usage_totals_by_age').on(table.bucketSeconds, table.startsAt),
  ],
);

/** How many batches of usage each process has written, so that one whose answer was lost is not counted twice. */
export const usageWriters = pgTable('usage_writers', {
  id: uuid('id').primaryKey(),
  batches: bigint('batches', { mode: 'number' }).notNull(),
  writtenAt: instant('written_at').notNull(),
});

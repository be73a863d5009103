import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, instant } from './columns.ts';
import { members } from './members.ts';

/** A completed sign-in. Access tokens name it, and are good as long as it is. */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid('id').primaryKey(),
    memberId: uuid('member_id')
      .notNull()
      .references(() => members.id),
    /** That of the member at sign-in: another one means that it is over. */
    generation: integer('generation').notNull(),
    kind: text('kind', { enum: ['api', 'browser'] }).notNull(),
    /** Of the cookie that a browser holds now; another one after each proof of who the member is. */
    cookieDigest: bytea('cookie_digest').unique(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    /** When the member last proved who it is: at sign-in, and at each step-up. */
    authenticatedAt: instant('authenticated_at').notNull(),
    lastSeenAt: instant('last_seen_at').notNull(),
    lastSeenFrom: text('last_seen_from'),
    userAgent: text('user_agent'),
    endedAt: instant('ended_at'),
    /** `signed_out`, `ended`, `refresh_reused`, …: a stable code. */
    endReason: text('end_reason'),
  },
  (table) => [
    index('sessions_of_member').on(table.memberId, table.createdAt, table.id),
    index('sessions_by_expiry').on(table.expiresAt),
    check('sessions_kind_known', sql`${table.kind} in ('api', 'browser')`),
    check('sessions_cookie_of_browser', sql`${table.cookieDigest} is null or ${table.kind} = 'browser'`),
  ],
);

/** Refresh tokens of a session: one unused, and those that it came from. */
export const refreshTokens = pgTable(
  'refresh_tokens',
  {
    digest: bytea('digest').primaryKey(),
    sessionId: uuid('session_id')
      .notNull()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    createdAt: instant('created_at').notNull(),
    usedAt: instant('used_at'),
  },
  (table) => [index('refresh_tokens_of_session').on(table.sessionId)],
);

/** A sign-in that waits for its second factor: what a temporary token stands for. */
export const signInChallenges = pgTable(
  'sign_in_challenges',
  {
    id: uuid('id').primaryKey(),
    memberId: uuid('member_id')
      .notNull()
      .references(() => members.id),
    generation: integer('generation').notNull(),
    /** Codes tried so far. */
    attempts: integer('attempts').notNull().default(0),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('sign_in_challenges_by_expiry').on(table.expiresAt)],
);

/**
 * Consecutive failures to sign in, by a keyed digest of what was tried: of a workspace and email, whether or not anybody
 * has them, or of a device that has signed in before.
 */
export const signInFailures = pgTable(
  'sign_in_failures',
  {
    key: bytea('key').primaryKey(),
    failures: integer('failures').notNull(),
    lockedUntil: instant('locked_until'),
    lastFailureAt: instant('last_failure_at').notNull(),
  },
  (table) => [index('sign_in_failures_by_age').on(table.lastFailureAt)],
);

/** The Ed25519 keys that sign access tokens; the newest signs, all verify. */
export const accessTokenKeys = pgTable('access_token_keys', {
  /** The key's RFC 7638 thumbprint. */
  kid: text('kid').primaryKey(),
  publicKey: bytea('public_key').notNull(),
  /** The seed, sealed under a key derived from the master key. */
  wrappedKey: bytea('wrapped_key').notNull(),
  createdAt: instant('created_at').notNull(),
});

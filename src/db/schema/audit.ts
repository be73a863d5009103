import { sql } from 'drizzle-orm';
import { bigint, index, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { bytea, instant } from './columns.ts';

/**
 * The audit log. An event is written once, in the transaction of the change it tells of, and queued in
 * `audit_pending`; the sequencer gives it its place (`audit_leaves`). Nothing here refers to other tables: the log
 * outlives what it tells of. Everything but the queue and the heads is append-only, by privilege and by trigger.
 *
 * A log id is a workspace's id, or the nil UUID for the installation's own log.
 */
export const auditEvents = pgTable('audit_events', {
  id: uuid('id').primaryKey(),
  logId: uuid('log_id').notNull(),
  /** As in the leaf. An insert more than 15 minutes off the database's clock is refused: time ranges rely on it. */
  occurredAt: instant('occurred_at').notNull(),
  /** The exact bytes that the log commits to: RFC 8785 canonical JSON. */
  leaf: bytea('leaf').notNull(),
});

/** Names, addresses, user agents, free text: salted payloads that the leaf only commits to, so that they can go. */
export const auditPrivate = pgTable(
  'audit_private',
  {
    eventId: uuid('event_id').notNull(),
    /** Which commitment of the leaf this opens: `actor`, `source`, `target/0` … */
    slot: text('slot').notNull(),
    logId: uuid('log_id').notNull(),
    subjectType: text('subject_type').notNull(),
    subjectId: text('subject_id').notNull(),
    salt: bytea('salt').notNull(),
    /** Canonical JSON, exactly as hashed. */
    payload: bytea('payload').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.eventId, table.slot] }),
    index('audit_private_by_subject').on(table.logId, table.subjectType, table.subjectId, table.eventId),
  ],
);

/** Events that wait for their place, in the order of `id`. A queue, not a record. */
export const auditPending = pgTable(
  'audit_pending',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity({ cache: 1 }),
    logId: uuid('log_id').notNull(),
    eventId: uuid('event_id').notNull(),
  },
  (table) => [
    index('audit_pending_of_log').on(table.logId, table.id),
    // Two sweeps that miss the same event queue it once.
    uniqueIndex('audit_pending_of_event').on(table.eventId),
  ],
);

/** The head of each log. */
export const auditLogs = pgTable('audit_logs', {
  id: uuid('id').primaryKey(),
  /** How many leaves it has. */
  size: bigint('size', { mode: 'number' }).notNull(),
  /** As in its last leaf. */
  loggedAt: instant('logged_at').notNull(),
});

/** Each event's place, with the columns that queries filter by, read off the leaf by the sequencer. */
export const auditLeaves = pgTable(
  'audit_leaves',
  {
    logId: uuid('log_id').notNull(),
    leafIndex: bigint('leaf_index', { mode: 'number' }).notNull(),
    eventId: uuid('event_id').notNull(),
    /** RFC 6962 leaf hash: SHA-256(0x00 ‖ leaf). */
    hash: bytea('hash').notNull(),
    /** `test`, or `live` for everything else. */
    environment: text('environment').notNull(),
    action: text('action').notNull(),
    outcome: text('outcome').notNull(),
    /** The actor's id, or its type where it has none. */
    actorId: text('actor_id').notNull(),
    requestId: text('request_id'),
    occurredAt: instant('occurred_at').notNull(),
    /** The latest `occurred_at` up to here: it never falls, so a time range is a range of leaves. */
    loggedAt: instant('logged_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.logId, table.leafIndex] }),
    uniqueIndex('audit_leaves_of_event').on(table.eventId),
    index('audit_leaves_by_environment').on(table.logId, table.environment, table.leafIndex),
    index('audit_leaves_by_action').on(table.logId, table.environment, table.action, table.leafIndex),
    index('audit_leaves_by_outcome').on(table.logId, table.environment, table.outcome, table.leafIndex),
    index('audit_leaves_by_actor').on(table.logId, table.environment, table.actorId, table.leafIndex),
    index('audit_leaves_by_request')
      .on(table.logId, table.environment, table.requestId, table.leafIndex)
      .where(sql`${table.requestId} is not null`),
    index('audit_leaves_by_time').on(table.logId, table.loggedAt, table.leafIndex),
    index('audit_leaves_late')
      .on(table.logId, table.occurredAt, table.leafIndex)
      .where(sql`${table.loggedAt} - ${table.occurredAt} > interval '1 minute'`),
  ],
);

/** Which leaves name which target. */
export const auditTargets = pgTable(
  'audit_targets',
  {
    logId: uuid('log_id').notNull(),
    environment: text('environment').notNull(),
    targetId: text('target_id').notNull(),
    leafIndex: bigint('leaf_index', { mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.logId, table.environment, table.targetId, table.leafIndex] })],
);

/** Which leaves came from which address, in leaf order. As personal as `audit_private`, and erased together with it. */
export const auditSources = pgTable(
  'audit_sources',
  {
    logId: uuid('log_id').notNull(),
    environment: text('environment').notNull(),
    ip: text('ip').notNull(),
    leafIndex: bigint('leaf_index', { mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.logId, table.environment, table.ip, table.leafIndex] })],
);

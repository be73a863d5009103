import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
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
  /** The largest size of which a checkpoint is stored. */
  checkpointSize: bigint('checkpoint_size', { mode: 'number' }).notNull().default(0),
  /** Why no more checkpoints are signed; null as long as they are. */
  haltReason: text('halt_reason'),
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

/** Full tiles of each log's tree (C2SP tlog-tiles): 256 hashes each. Partial ones are made of leaves and `root`s. */
export const auditTiles = pgTable(
  'audit_tiles',
  {
    logId: uuid('log_id').notNull(),
    level: smallint('level').notNull(),
    tileIndex: bigint('tile_index', { mode: 'number' }).notNull(),
    /** 256 hashes of 32 bytes. */
    hashes: bytea('hashes').notNull(),
    /** What they hash to: the entry of the next level. */
    root: bytea('root').notNull(),
  },
  (table) => [primaryKey({ columns: [table.logId, table.level, table.tileIndex] })],
);

/** What signs each log's checkpoints. A log has one, unless an operator had it begin anew under another origin. */
export const auditLogKeys = pgTable(
  'audit_log_keys',
  {
    logId: uuid('log_id').notNull(),
    /** 1 for the first one; the highest is the present one. */
    generation: integer('generation').notNull(),
    /** That of a log and a generation, which it names; checked by whoever opens the key. */
    origin: text('origin').notNull(),
    /** Ed25519, 32 bytes. */
    publicKey: bytea('public_key').notNull(),
    /** The private key, encrypted under a key that is derived from the master key. */
    wrappedKey: bytea('wrapped_key').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.logId, table.generation] }),
    check('audit_log_keys_generation_known', sql`${table.generation} between 1 and 999999999`),
  ],
);

/** Signed tree heads, stored before they are served. Of one origin the sizes only grow. */
export const auditCheckpoints = pgTable(
  'audit_checkpoints',
  {
    logId: uuid('log_id').notNull(),
    generation: integer('generation').notNull(),
    size: bigint('size', { mode: 'number' }).notNull(),
    root: bytea('root').notNull(),
    /** The signed note, without cosignatures. */
    note: text('note').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.logId, table.generation, table.size] })],
);

/** What witnesses have said of a checkpoint. */
export const auditCosignatures = pgTable(
  'audit_cosignatures',
  {
    logId: uuid('log_id').notNull(),
    generation: integer('generation').notNull(),
    size: bigint('size', { mode: 'number' }).notNull(),
    /** The witness's name. */
    witness: text('witness').notNull(),
    /** Its line of the signed note, without the line feed. */
    line: text('line').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.logId, table.generation, table.size, table.witness] })],
);

/** Erasures of personal data: the only thing that may remove rows of `audit_private` and `audit_sources`. */
export const auditErasures = pgTable(
  'audit_erasures',
  {
    /** One erasure, one event. */
    eventId: uuid('event_id').notNull().unique(),
    logId: uuid('log_id').notNull(),
    subjectType: text('subject_type').notNull(),
    /** Of a source, which is an address, a digest that nothing in the database can be held against. */
    subjectId: text('subject_id').notNull(),
    /** The transaction that erased: rows go in that one alone. */
    xid: text('xid').notNull(),
  },
  (table) => [primaryKey({ columns: [table.logId, table.subjectType, table.subjectId, table.eventId] })],
);

/** Single introspections, where a workspace has every one recorded: the leaf of the event commits to all of them. */
export const auditIntrospections = pgTable('audit_introspections', {
  eventId: uuid('event_id').primaryKey(),
  logId: uuid('log_id').notNull(),
  /** Canonical JSON, one record a line. */
  records: bytea('records').notNull(),
});

/** Words of leaves that no other column has: reasons, names of changed fields, scopes. For searching. */
export const auditWords = pgTable(
  'audit_words',
  {
    logId: uuid('log_id').notNull(),
    environment: text('environment').notNull(),
    word: text('word').notNull(),
    leafIndex: bigint('leaf_index', { mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.logId, table.environment, table.word, table.leafIndex] })],
);

/** How many events there were in each quarter of an hour. For charts; counted from the leaves, by the sequencer. */
export const auditCounts = pgTable(
  'audit_counts',
  {
    logId: uuid('log_id').notNull(),
    environment: text('environment').notNull(),
    bucket: instant('bucket').notNull(),
    action: text('action').notNull(),
    outcome: text('outcome').notNull(),
    events: bigint('events', { mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.logId, table.environment, table.bucket, table.action, table.outcome] })],
);

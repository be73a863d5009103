import { sql } from 'drizzle-orm';
import { bigint, customType, index, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const xid8 = customType<{ data: string; driverData: string }>({ dataType: () => 'xid8' });
const snapshot = customType<{ data: string; driverData: string }>({ dataType: () => 'pg_snapshot' });

/** What replicas have to forget: rows come with the transaction that changed the subject, and go when all have seen them. */
export const invalidations = pgTable(
  'invalidations',
  {
    xid: xid8('xid').notNull().default(sql`pg_current_xact_id()`),
    subjectKind: text('subject_kind').notNull(),
    /** Null for the kinds that have no single subject. */
    subjectId: uuid('subject_id'),
    at: timestamp('at', { withTimezone: true, mode: 'date' }).notNull().defaultNow(),
  },
  (table) => [index('invalidations_by_xid').on(table.xid)],
);

/** The registrations of running processes; each holds a lease that its row's renewals prove. */
export const replicas = pgTable('replicas', {
  id: uuid('id').primaryKey(),
  renewals: bigint('renewals', { mode: 'number' }).notNull().default(0),
  /** All invalidations visible in it are applied. */
  acked: snapshot('acked').notNull(),
  leaseMs: integer('lease_ms').notNull(),
  /** Where the process runs, for people: host name and process id. */
  address: text('address').notNull(),
  startedAt: timestamp('started_at', { withTimezone: true, mode: 'date' }).notNull(),
  renewedAt: timestamp('renewed_at', { withTimezone: true, mode: 'date' }).notNull().defaultNow(),
});

import { sql } from 'drizzle-orm';
import { boolean, check, pgTable, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

/** One row: what this database belongs to. */
export const installation = pgTable(
  'installation',
  {
    isOnly: boolean('is_only').primaryKey().default(true),
    /** Recognises the master key whose pepper made the digests in here. */
    masterKeyFingerprint: text('master_key_fingerprint').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [check('installation_is_one_row', sql`${table.isOnly}`)],
);

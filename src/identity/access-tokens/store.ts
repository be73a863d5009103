import { desc, sql } from 'drizzle-orm';
import type { Database, Transaction } from '../../db/connection.ts';
import { accessTokenKeys } from '../../db/schema/sessions.ts';

export type SigningKeyRow = typeof accessTokenKeys.$inferSelect;

/** At most so many keys are looked at, from the newest on. */
const MOST_KEYS = 100;

/** Newest first, whoever has put them there. */
export async function selectSigningKeys(executor: Database | Transaction): Promise<SigningKeyRow[]> {
  return executor
    .select()
    .from(accessTokenKeys)
    .orderBy(desc(accessTokenKeys.createdAt), desc(accessTokenKeys.kid))
    .limit(MOST_KEYS);
}

/** Whoever makes a key takes turns with others until the transaction ends. */
export async function lockSigningKeys(tx: Transaction): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('tooken/access-token-keys', 0))`);
}

export async function insertSigningKey(tx: Transaction, row: SigningKeyRow): Promise<void> {
  await tx.insert(accessTokenKeys).values(row);
}

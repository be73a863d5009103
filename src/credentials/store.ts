import type { Database } from '../db/connection.ts';
import { installation } from '../db/schema/installation.ts';

/** The fingerprint of the master key that this database belongs to, or undefined before the first start. */
export async function selectFingerprint(db: Database): Promise<string | undefined> {
  const [row] = await db.select({ fingerprint: installation.masterKeyFingerprint }).from(installation);
  return row?.fingerprint;
}

/** Ties the database to a master key unless it is tied already. */
export async function insertFingerprint(db: Database, fingerprint: string, createdAt: Date): Promise<void> {
  await db.insert(installation).values({ masterKeyFingerprint: fingerprint, createdAt }).onConflictDoNothing();
}

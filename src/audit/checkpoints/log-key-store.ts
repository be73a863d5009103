import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';

export interface LogKeyRow {
  readonly logId: string;
  /** From 1. */
  readonly generation: number;
  readonly origin: string;
  readonly publicKey: Buffer;
  readonly wrappedKey: Buffer;
}

/** At most so many of a log's generations are looked at, from the newest on. */
const MOST_KEYS = 100;

/** The keys of a log, that of the newest generation first, whoever has put them there. */
export async function selectLogKeys(executor: Database | Transaction, logId: string): Promise<LogKeyRow[]> {
  const rows = await clientOf(executor)<Omit<LogKeyRow, 'logId'>[]>`
    select generation, origin, public_key as "publicKey", wrapped_key as "wrappedKey"
    from audit_log_keys where log_id = ${logId} order by generation desc limit ${MOST_KEYS}`;
  return rows.map((row) => ({ logId, ...row }));
}

export async function insertLogKey(tx: Transaction, key: LogKeyRow, createdAt: Date): Promise<void> {
  await clientOf(tx)`
    insert into audit_log_keys (log_id, generation, origin, public_key, wrapped_key, created_at)
    values (${key.logId}, ${key.generation}, ${key.origin}, ${key.publicKey}, ${key.wrappedKey},
      ${createdAt.toISOString()})`;
}

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

/** The key of a log's present generation. */
export async function selectLogKey(executor: Database | Transaction, logId: string): Promise<LogKeyRow | undefined> {
  const [row] = await clientOf(executor)<Omit<LogKeyRow, 'logId'>[]>`
    select generation, origin, public_key as "publicKey", wrapped_key as "wrappedKey"
    from audit_log_keys where log_id = ${logId} order by generation desc limit 1`;
  return row && { logId, ...row };
}

export async function insertLogKey(tx: Transaction, key: LogKeyRow, createdAt: Date): Promise<void> {
  await clientOf(tx)`
    insert into audit_log_keys (log_id, generation, origin, public_key, wrapped_key, created_at)
    values (${key.logId}, ${key.generation}, ${key.origin}, ${key.publicKey}, ${key.wrappedKey},
      ${createdAt.toISOString()})`;
}

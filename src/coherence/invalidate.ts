import { clientOf } from '../db/client.ts';
import type { Transaction } from '../db/connection.ts';
import type { Xid } from './snapshot.ts';
import type { Subject } from './subject.ts';

/** What a transaction has changed of what memory holds: what the fence that follows its commit waits for. */
export interface Invalidated {
  readonly xid: Xid;
  readonly subjects: readonly Subject[];
}

/**
 * Notes that this transaction changes what memory holds of `subjects`. The rows that replicas read are written by the
 * database itself with the change. A repeated call that finds nothing to change notes it just so, and fences: replicas
 * that have a snapshot which shows this transaction have one that shows what it has found.
 */
export async function invalidate(tx: Transaction, subjects: readonly Subject[]): Promise<Invalidated> {
  const [row] = await clientOf(tx)<{ xid: string }[]>`select pg_current_xact_id()::text as xid`;
  if (row === undefined) throw new Error('a transaction without an id');
  return { xid: BigInt(row.xid), subjects };
}

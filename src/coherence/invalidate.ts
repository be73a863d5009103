import type { Transaction } from '../db/connection.ts';
import type { Xid } from './snapshot.ts';
import { selectOwnInvalidations } from './store.ts';
import type { Subject } from './subject.ts';

/** What a transaction has changed of what memory holds: what the fence that follows its commit waits for. */
export interface Invalidated {
  readonly xid: Xid;
  readonly subjects: readonly Subject[];
}

/**
 * Notes that this transaction changes what memory holds of `subjects`. The rows that replicas read are written by the
 * database itself with the change; those that are there when this is called are noted too, so that a change which reaches
 * further than its maker knows is told in full. A repeated call that finds nothing to change notes it just so, and fences:
 * replicas that have a snapshot which shows this transaction have one that shows what it has found.
 */
export async function invalidate(tx: Transaction, subjects: readonly Subject[]): Promise<Invalidated> {
  const own = await selectOwnInvalidations(tx);
  return { xid: own.xid, subjects: [...new Set([...subjects, ...own.subjects])] };
}

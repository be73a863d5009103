import type { Invalidation } from '../../../src/coherence/protocol.ts';
import { formatSnapshot, isVisible, type Snapshot, type Xid } from '../../../src/coherence/snapshot.ts';
import type { Subject } from '../../../src/coherence/subject.ts';
import type { Finding } from './world.ts';

/** PostgreSQL, as far as the protocol uses it. What a statement does, it does at once, on the snapshot of that moment. */
export interface Database {
  /** In the order of their ids, which count from 1. */
  readonly transactions: readonly Transaction[];
  /** Of committed transactions. */
  readonly invalidations: readonly Invalidation[];
  readonly rows: readonly Row[];
  readonly orphans: readonly Statement[];
}

export interface Transaction {
  readonly subject: Subject;
  readonly status: 'in progress' | 'changed' | 'nothing to change';
}

/** A row of `replicas`. */
export interface Row {
  readonly id: string;
  readonly renewals: number;
  readonly acked: Snapshot;
  readonly leaseMs: number;
}

/** What others know of a row: what it is called, and how many renewals it had then. */
export type KnownRow = Pick<Row, 'id' | 'renewals'>;

/** What a replica has sent and given up on. */
export type Statement =
  | ({ readonly kind: 'insert' } & KnownRow)
  | ({ readonly kind: 'acknowledge'; readonly acked: Snapshot } & KnownRow)
  | ({ readonly kind: 'delete' } & KnownRow);

export const EMPTY_DATABASE: Database = { transactions: [], invalidations: [], rows: [], orphans: [] };

const xidAt = (index: number): Xid => BigInt(index + 1);

const snapshots = new Map<string, Snapshot>();

/** `pg_current_snapshot()`: its `xmax` is one past the last transaction that has ended. One object for equal snapshots. */
export function takeSnapshot({ transactions }: Database): Snapshot {
  const last = transactions.findLastIndex(({ status }) => status !== 'in progress');
  const xmax = xidAt(last + 1);
  const inProgress = transactions
    .slice(0, last + 1)
    .flatMap(({ status }, index) => (status === 'in progress' ? [xidAt(index)] : []));
  const snapshot = { xmin: inProgress[0] ?? xmax, xmax, inProgress };
  const text = formatSnapshot(snapshot);
  const known = snapshots.get(text) ?? snapshot;
  snapshots.set(text, known);
  return known;
}

/** The record of `subject`, as `snapshot` shows it. */
export function findRecord({ transactions }: Database, subject: Subject, snapshot: Snapshot): Finding {
  const isNew = transactions.some(
    (each, index) => each.subject === subject && each.status === 'changed' && isVisible(xidAt(index), snapshot),
  );
  return isNew ? 'new' : 'old';
}

export function begin(database: Database, subject: Subject): { readonly database: Database; readonly xid: Xid } {
  const transactions = [...database.transactions, { subject, status: 'in progress' } as const];
  return { database: { ...database, transactions }, xid: xidAt(database.transactions.length) };
}

/**
 * The first to commit of those that change the same subject has locked its row first; the others then find nothing to
 * change, and write no invalidation.
 */
export function commit(database: Database, xid: Xid): Database {
  const index = Number(xid) - 1;
  const subject = database.transactions[index]?.subject;
  if (subject === undefined) throw new Error('no such transaction');
  const isFirst = findRecord(database, subject, takeSnapshot(database)) === 'old';
  const status = isFirst ? 'changed' : 'nothing to change';
  return {
    ...database,
    transactions: database.transactions.map((each, n) => (n === index ? { ...each, status } : each)),
    invalidations: isFirst ? withInvalidation(database.invalidations, { xid, subject }) : database.invalidations,
  };
}

export function hasChanged({ transactions }: Database, xid: Xid): boolean {
  return transactions[Number(xid) - 1]?.status === 'changed';
}

function withInvalidation(invalidations: readonly Invalidation[], one: Invalidation): readonly Invalidation[] {
  return [...invalidations, one].sort((a, b) => Number(a.xid - b.xid));
}

/** A row of the same id is written over, for the sake of a rule that is switched off. */
export function insertRow(database: Database, row: Row): Database {
  const others = database.rows.filter(({ id }) => id !== row.id);
  return { ...database, rows: [...others, row].sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

export function deleteRows(database: Database, isMeant: (row: Row) => boolean): Database {
  return { ...database, rows: database.rows.filter((row) => !isMeant(row)) };
}

/** The conditional update by which a renewal is acknowledged. */
export function acknowledge(
  database: Database,
  acked: Snapshot,
  isMeant: (row: Row) => boolean,
): { readonly database: Database; readonly isAcknowledged: boolean } {
  const isAcknowledged = database.rows.some(isMeant);
  if (!isAcknowledged) return { database, isAcknowledged };
  const rows = database.rows.map((row) => (isMeant(row) ? { ...row, acked, renewals: row.renewals + 1 } : row));
  return { database: { ...database, rows }, isAcknowledged };
}

export function withOrphan(database: Database, statement: Statement): Database {
  return { ...database, orphans: [...database.orphans, statement] };
}

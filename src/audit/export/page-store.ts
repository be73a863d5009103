import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';

/** Leaves of a log that no facet picks: of one environment or all, which occurred in a time. */
export interface PlainSelection {
  readonly logId: string;
  readonly environment: 'live' | 'test' | null;
  readonly since: Date | undefined;
  readonly until: Date | undefined;
  /** From this leaf index on, to before that. */
  readonly begin: number;
  readonly end: number;
}

export interface StoredLeaf {
  readonly leafIndex: number;
  readonly eventId: string;
  readonly hash: Buffer;
  /** Null if the event is gone: then only the hash is left to tell of it. */
  readonly leaf: Buffer | null;
}

interface LeafRow {
  readonly leaf_index: string;
  readonly event_id: string;
  readonly hash: Buffer;
  readonly leaf: Buffer | null;
}

/** The first leaves of a selection, at most 256, in their order. */
export async function selectPlainLeaves(db: Database, selection: PlainSelection): Promise<StoredLeaf[]> {
  const sql = clientOf(db);
  const { logId, environment, since, until, begin, end } = selection;
  // The limit stands in the text, as in the queries of the API: so the index is walked and nothing sorted.
  const rows = await sql<LeafRow[]>`
    select picked.leaf_index, picked.event_id, picked.hash, event.leaf
    from (
      select leaf_index, event_id, hash from audit_leaves
      where log_id = ${logId} ${environment === null ? sql`` : sql`and environment = ${environment}`}
        and leaf_index >= ${begin}::bigint and leaf_index < ${end}::bigint
        ${since ? sql`and occurred_at >= ${since.toISOString()}::timestamptz` : sql``}
        ${until ? sql`and occurred_at < ${until.toISOString()}::timestamptz` : sql``}
      order by leaf_index limit 256
    ) as picked left join audit_events event on event.id = picked.event_id
    order by picked.leaf_index`;
  return rows.map(toStoredLeaf);
}

/** The leaves at these indexes, in their order. */
export async function selectLeavesAt(
  db: Database,
  logId: string,
  leafIndexes: readonly number[],
): Promise<StoredLeaf[]> {
  const rows = await clientOf(db)<LeafRow[]>`
    select leaf.leaf_index, leaf.event_id, leaf.hash, event.leaf
    from audit_leaves leaf left join audit_events event on event.id = leaf.event_id
    where leaf.log_id = ${logId} and leaf.leaf_index = any(${leafIndexes}::bigint[])
    order by leaf.leaf_index`;
  return rows.map(toStoredLeaf);
}

function toStoredLeaf({ leaf_index, event_id, hash, leaf }: LeafRow): StoredLeaf {
  return { leafIndex: Number(leaf_index), eventId: event_id, hash, leaf };
}

/** What an event has of single introspections; `records` is null where that is too much to read along with others. */
export interface StoredRecords {
  readonly event_id: string;
  readonly records: Buffer | null;
}

/** Of those of the events that have any. */
export async function selectSmallRecords(db: Database, eventIds: readonly string[]): Promise<StoredRecords[]> {
  return await clientOf(db)<StoredRecords[]>`
    select event_id, case when octet_length(records) <= 16384 then records end as records
    from audit_introspections where event_id = any(${eventIds}::uuid[])`;
}

export async function selectRecords(db: Database, eventId: string): Promise<Buffer | undefined> {
  const [row] = await clientOf(db)<{ records: Buffer }[]>`
    select records from audit_introspections where event_id = ${eventId}`;
  return row?.records;
}

import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';

/** What a log says of itself, all of one moment. */
export interface LogExtent {
  /** Of its head. */
  readonly size: number;
  /** One more than the last leaf that is there. */
  readonly leafEnd: number;
  /** The largest that a stored checkpoint covers; 0 if there is none. */
  readonly covered: number;
  readonly pending: number;
  readonly haltReason: string | null;
}

export async function selectLogExtent(db: Database, logId: string): Promise<LogExtent> {
  const [row] = await clientOf(db)<ExtentRow[]>`
    select coalesce(head.size, 0) as size, head.halt_reason,
      coalesce((select max(leaf_index) + 1 from audit_leaves where log_id = ${logId}), 0) as leaf_end,
      coalesce((select max(size) from audit_checkpoints where log_id = ${logId}), 0) as covered,
      (select count(*)::int from audit_pending where log_id = ${logId}) as pending
    from (select ${logId}::uuid as id) as wanted left join audit_logs head on head.id = wanted.id`;
  if (row === undefined) throw new Error('a left join gave no row');
  const { size, leaf_end: leafEnd, covered, pending, halt_reason: haltReason } = row;
  return { size: Number(size), leafEnd: Number(leafEnd), covered: Number(covered), pending, haltReason };
}

interface ExtentRow {
  readonly size: string;
  readonly leaf_end: string;
  readonly covered: string;
  readonly pending: number;
  readonly halt_reason: string | null;
}

/** A leaf, its event, and what queries find it by. */
export interface LogRow {
  readonly leaf_index: string;
  readonly event_id: string;
  readonly hash: Buffer;
  readonly environment: string;
  readonly action: string;
  readonly outcome: string;
  readonly actor_id: string;
  readonly request_id: string | null;
  readonly occurred_at: string;
  /** Null if the event is gone. */
  readonly leaf: Buffer | null;
  readonly records: Buffer | null;
}

/** Those of [first, end) that are there, in order. */
export async function selectLogRows(db: Database, logId: string, first: number, end: number): Promise<LogRow[]> {
  return await clientOf(db)<LogRow[]>`
    select leaf.leaf_index, leaf.event_id, leaf.hash, leaf.environment, leaf.action, leaf.outcome, leaf.actor_id,
      leaf.request_id, leaf.occurred_at, event.leaf, introspections.records
    from audit_leaves leaf
      left join audit_events event on event.id = leaf.event_id and event.log_id = leaf.log_id
      left join audit_introspections introspections on introspections.event_id = leaf.event_id
    where leaf.log_id = ${logId} and leaf.leaf_index >= ${first}::bigint and leaf.leaf_index < ${end}::bigint
    order by leaf.leaf_index`;
}

/** How many payloads of a subject were erased; an address is told of as `''`, as all of them together. */
export interface ToldErasures {
  readonly type: string;
  readonly id: string;
  readonly payloads: number;
}

/** What the events of erasures from the log say, those that have no leaf yet too. What has no event, nobody was told of. */
export async function selectToldErasures(db: Database, logId: string): Promise<ToldErasures[]> {
  const rows = await clientOf(db)<{ type: string; id: string; payloads: string }[]>`
    select target ->> 'type' as type, case when target ->> 'type' = 'source' then '' else target ->> 'id' end as id,
      sum((change ->> 'new')::bigint) as payloads
    from audit_events event
      cross join lateral (select convert_from(event.leaf, 'UTF8')::jsonb as told) as read
      cross join lateral jsonb_array_elements(told -> 'targets') as target
      cross join lateral jsonb_array_elements(told -> 'changes') as change
    where event.log_id = ${logId} and event.id = any (array(select event_id from audit_erasures where log_id = ${logId}))
      and told ->> 'action' = 'personal_data.erased' and change ->> 'field' = 'erased_payloads'
    group by 1, 2`;
  return rows.map(({ type, id, payloads }) => ({ type, id, payloads: Number(payloads) }));
}

export interface TileRow {
  readonly level: number;
  readonly tile_index: string;
  readonly hashes: Buffer;
  readonly root: Buffer;
}

/** Full tiles of one level, from `first` to before `end`. */
export async function selectTiles(
  db: Database,
  logId: string,
  level: number,
  first: number,
  end: number,
): Promise<TileRow[]> {
  return await clientOf(db)<TileRow[]>`
    select level, tile_index, hashes, root from audit_tiles
    where log_id = ${logId} and level = ${level} and tile_index >= ${first}::bigint and tile_index < ${end}::bigint
    order by tile_index`;
}

export interface CheckpointRow {
  readonly generation: number;
  readonly size: string;
  readonly root: Buffer;
  readonly note: string;
  readonly origin: string | null;
  readonly public_key: Buffer | null;
}

/** At most 500 of those after the given one and up to a size, in the order of sizes, with the keys of their generations. */
export async function selectCheckpoints(
  db: Database,
  logId: string,
  after: { readonly size: number; readonly generation: number },
  largest: number,
): Promise<CheckpointRow[]> {
  return await clientOf(db)<CheckpointRow[]>`
    select stored.generation, stored.size, stored.root, stored.note, key.origin, key.public_key
    from audit_checkpoints stored left join audit_log_keys key
      on key.log_id = stored.log_id and key.generation = stored.generation
    where stored.log_id = ${logId}
      and (stored.size, stored.generation) > (${after.size}::bigint, ${after.generation}::int)
      and stored.size <= ${largest}::bigint
    order by stored.size, stored.generation limit 500`;
}

/** Events of the log that neither wait nor have a leaf of it: one of another log hides an event. Looks at all of them. */
export async function countStrays(db: Database, logId: string): Promise<number> {
  const [row] = await clientOf(db)<{ strays: number }[]>`
    select count(*)::int as strays from audit_events event
    where event.log_id = ${logId}
      and not exists (select from audit_leaves leaf where leaf.event_id = event.id and leaf.log_id = event.log_id)
      and not exists (select from audit_pending waiting where waiting.event_id = event.id)`;
  return row?.strays ?? 0;
}

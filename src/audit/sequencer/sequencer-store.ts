import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';

/** At most so many events get their place in one transaction. Written out in the SQL, so that plans can count on it. */
export const DRAIN_BATCH = 2_000;
/** At most so many events are looked at in one step of the search for strays. */
export const STRAY_BATCH = 10_000;

/** Taken for the transaction. Its own statement: what the next one sees then includes all that the last holder did. */
export async function lockLog(tx: Transaction, logId: string, { wait }: { readonly wait: boolean }): Promise<boolean> {
  const sql = clientOf(tx);
  const key = `tooken/audit-log/${logId}`;
  if (wait) {
    await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`;
    return true;
  }
  const [row] = await sql<{ taken: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended(${key}, 0)) as taken`;
  return row?.taken === true;
}

export interface LogHead {
  readonly size: number;
  readonly loggedAt: string;
}

/** The head of a log, made now if it has none. Under the log's lock. */
export async function openHead(tx: Transaction, logId: string): Promise<LogHead> {
  const sql = clientOf(tx);
  const [head] = await sql<{ size: string; logged_at: string }[]>`
    select size, logged_at from audit_logs where id = ${logId}`;
  if (head !== undefined) return { size: Number(head.size), loggedAt: head.logged_at };
  await sql`insert into audit_logs (id, size, logged_at) values (${logId}, 0, '-infinity')`;
  return { size: 0, loggedAt: '-infinity' };
}

/** What one batch did: rows taken off the queue, events that got a place, heads that moved. */
export interface BatchResult {
  readonly taken: number;
  readonly placed: number;
  readonly moved: number;
}

/**
 * Takes the oldest pending rows off the queue and gives their events the next leaf indexes, in the order of the queue.
 * Everything a query filters by is read off the leaf's own bytes, here, so that the index cannot disagree with it.
 * A row whose event is gone or has its place already only leaves the queue: it must not hold up the others; nor must a
 * row of the index that somebody has put there before. `offset 0` makes each look an index probe, whatever the planner
 * believes: of tables that grew a lot since they were last analysed it believes that they are small, and to read all of
 * them for each event would hold up the log for good.
 */
export async function placeBatch(tx: Transaction, logId: string, head: LogHead): Promise<BatchResult> {
  const sql = clientOf(tx);
  const [result] = await sql<BatchResult[]>`
    with taken as (
      delete from audit_pending
      where id = any (array(select id from audit_pending where log_id = ${logId} order by id limit 2000))
      returning id, event_id
    ), read as materialized (
      select ${head.size}::bigint - 1 + row_number() over (order by taken.id) as leaf_index, event.id as event_id,
        sha256('\\x00'::bytea || event.leaf) as hash, convert_from(event.leaf, 'UTF8')::jsonb as leaf
      from taken cross join lateral (
        select id, log_id, leaf from audit_events where id = taken.event_id offset 0
      ) as event
      where event.log_id = ${logId}
        and not exists (select from audit_leaves known where known.event_id = taken.event_id offset 0)
    ), placed as materialized (
      select leaf_index, event_id, hash, leaf, (leaf ->> 'occurred_at')::timestamptz as occurred_at,
        case when leaf ->> 'workspace' is not null and leaf ->> 'environment' = 'test' then 'test' else 'live' end
          as environment,
        greatest(${head.loggedAt}::timestamptz, max((leaf ->> 'occurred_at')::timestamptz) over (order by leaf_index))
          as logged_at
      from read
    ), leaves as (
      insert into audit_leaves (log_id, leaf_index, event_id, hash, environment, action, outcome, actor_id, request_id,
        occurred_at, logged_at)
      select ${logId}, leaf_index, event_id, hash, environment, leaf ->> 'action', leaf ->> 'outcome',
        coalesce(leaf #>> '{actor,id}', leaf #>> '{actor,type}'), leaf #>> '{request,id}', occurred_at, logged_at
      from placed
    ), targets as (
      insert into audit_targets (log_id, environment, target_id, leaf_index)
      select distinct ${logId}::uuid, environment, target ->> 'id', leaf_index
      from placed cross join jsonb_array_elements(leaf -> 'targets') as target
      on conflict do nothing
    ), sources as (
      insert into audit_sources (log_id, environment, ip, leaf_index)
      select distinct ${logId}::uuid, environment, source.subject_id, leaf_index
      from placed cross join lateral (
        select subject_type, subject_id from audit_private where event_id = placed.event_id offset 0
      ) as source
      where source.subject_type = 'source' and source.subject_id <> 'unknown'
      on conflict do nothing
    ), head as (
      update audit_logs
      set size = ${head.size}::bigint + (select count(*) from placed), logged_at = (select max(logged_at) from placed)
      where id = ${logId} and size = ${head.size}::bigint and exists (select from placed)
      returning id
    )
    select (select count(*)::int from taken) as taken, (select count(*)::int from placed) as placed,
      (select count(*)::int from head) as moved`;
  return result ?? { taken: 0, placed: 0, moved: 0 };
}

/**
 * Whether events of this log wait, and how many leaves it has. When none wait in this statement's snapshot, whatever was
 * committed before has its leaf in every later snapshot: one transaction takes an event off the queue and places it.
 */
export async function peekLog(db: Database, logId: string): Promise<{ hasPending: boolean; size: number }> {
  const [row] = await clientOf(db)<{ has_pending: boolean; size: string | null }[]>`
    select exists (select from audit_pending where log_id = ${logId}) as has_pending,
      (select size from audit_logs where id = ${logId}) as size`;
  return { hasPending: row?.has_pending === true, size: Number(row?.size ?? 0) };
}

/** The logs with pending events. Hops over the queue from log to log; an empty one costs a single index probe. */
export async function logsWithPending(db: Database): Promise<string[]> {
  const rows = await clientOf(db)<{ log_id: string }[]>`
    with recursive hop as (
      (select log_id from audit_pending order by log_id limit 1)
      union all
      select (select log_id from audit_pending where log_id > hop.log_id order by log_id limit 1)
      from hop where hop.log_id is not null
    )
    select log_id from hop where log_id is not null`;
  return rows.map((row) => row.log_id);
}

/** Whether this transaction is the one that may look for strays now. Its own statement, like the lock of a log. */
export async function lockStrays(tx: Transaction): Promise<boolean> {
  const [row] = await clientOf(tx)<{ taken: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended('tooken/audit-strays', 0)) as taken`;
  return row?.taken === true;
}

export interface StrayStep {
  readonly requeued: number;
  /** Where the next step goes on; null when this one has reached the oldest event. */
  readonly next: string | null;
}

/**
 * Queues, of the newest events below `before`, those that neither wait nor have a leaf. One snapshot shows an event
 * either waiting or placed, so none is queued that only happens to move from one to the other. `offset 0` makes each look
 * an index probe: joined, all of the leaves would be read.
 */
export async function requeueStrays(tx: Transaction, before: string): Promise<StrayStep> {
  const [row] = await clientOf(tx)<{ requeued: number; seen: number; oldest: string | null }[]>`
    with step as materialized (
      select id, log_id from audit_events where id < ${before} order by id desc limit 10000
    ), requeued as (
      insert into audit_pending (log_id, event_id)
      select log_id, id from step
      where not exists (select from audit_leaves leaf where leaf.event_id = step.id offset 0)
        and not exists (select from audit_pending waiting where waiting.event_id = step.id offset 0)
      order by id
      on conflict (event_id) do nothing
      returning id
    )
    select (select count(*)::int from requeued) as requeued, (select count(*)::int from step) as seen,
      (select id from step order by id limit 1) as oldest`;
  return { requeued: row?.requeued ?? 0, next: row?.seen === STRAY_BATCH ? row.oldest : null };
}

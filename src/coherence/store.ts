import { clientOf } from '../db/client.ts';
import type { Database, Transaction } from '../db/connection.ts';
import {
  type ApiKeyId,
  idFromUuid,
  type MemberId,
  type RoleId,
  type SessionId,
  type TokenId,
  type WorkspaceId,
} from '../lib/ids.ts';
import type { Invalidation, Member, Registration } from './protocol.ts';
import { formatSnapshot, parseSnapshot, type Snapshot, type Xid } from './snapshot.ts';
import type { Subject } from './subject.ts';

export interface NewReplica {
  readonly id: string;
  readonly leaseMs: number;
  readonly address: string;
  readonly startedAt: Date;
}

/** What a statement saw, and when by the database's clock. */
export interface Sight {
  readonly snapshot: Snapshot;
  readonly nowMs: number;
}

/**
 * Registers a replica; what that very statement saw, which its acknowledgements start from. An earlier registration
 * is left to be evicted: if it was lost because another process goes on with it, that one may rely on its row.
 */
export async function insertReplica(db: Database, replica: NewReplica): Promise<Sight> {
  const { id, leaseMs, address, startedAt } = replica;
  const [row] = await db.$client<SightRow[]>`
    insert into replicas (id, acked, lease_ms, address, started_at)
    values (${id}, pg_current_snapshot(), ${leaseMs}, ${address}, ${startedAt.toISOString()})
    returning acked::text as snapshot, extract(epoch from clock_timestamp())::float8 * 1000 as now_ms`;
  return sightOf(row);
}

/** The invalidations that `since` does not show, and what that very statement saw. */
export async function selectInvalidations(
  db: Database,
  since: Snapshot,
): Promise<Sight & { readonly invalidations: readonly Invalidation[] }> {
  const last = formatSnapshot(since);
  const rows = await db.$client<(InvalidationRow & SightRow)[]>`
    select here.snapshot, here.now_ms, xid::text, subject_kind, subject_id
    from (select pg_current_snapshot()::text as snapshot,
      extract(epoch from clock_timestamp())::float8 * 1000 as now_ms) here
    left join invalidations on xid >= pg_snapshot_xmin(${last}::pg_snapshot)
      and not pg_visible_in_snapshot(xid, ${last}::pg_snapshot)`;
  return { invalidations: rows.flatMap(toInvalidation), ...sightOf(rows[0]) };
}

/** The id of this transaction, and what it has invalidated so far. */
export async function selectOwnInvalidations(
  tx: Transaction,
): Promise<{ readonly xid: Xid; readonly subjects: readonly Subject[] }> {
  const rows = await clientOf(tx)<InvalidationRow[]>`
    select own.xid::text, i.subject_kind, i.subject_id
    from (select pg_current_xact_id() as xid) own left join invalidations i on i.xid = own.xid`;
  const [first] = rows;
  if (first === undefined || first.xid === null) throw new Error('a transaction without an id');
  const subjects = rows.flatMap(({ subject_kind: kind, subject_id: id }) =>
    kind === null ? [] : [toSubject(kind, id)],
  );
  return { xid: BigInt(first.xid), subjects };
}

interface SightRow {
  readonly snapshot: string;
  readonly now_ms: number;
}

interface InvalidationRow {
  readonly xid: string | null;
  readonly subject_kind: string | null;
  readonly subject_id: string | null;
}

function toInvalidation({ xid, subject_kind: kind, subject_id: id }: InvalidationRow): Invalidation[] {
  return xid === null ? [] : [{ xid: BigInt(xid), subject: toSubject(kind, id) }];
}

function toSubject(kind: string | null, id: string | null): Subject {
  if (kind === 'token' && id !== null) return idFromUuid('tkn', id) as TokenId;
  if (kind === 'api_key' && id !== null) return idFromUuid('key', id) as ApiKeyId;
  if (kind === 'session' && id !== null) return idFromUuid('ses', id) as SessionId;
  if (kind === 'member' && id !== null) return idFromUuid('usr', id) as MemberId;
  if (kind === 'role' && id !== null) return idFromUuid('role', id) as RoleId;
  if (kind === 'workspace' && id !== null) return idFromUuid('ws', id) as WorkspaceId;
  if (kind === 'creation') return kind;
  throw new TypeError('an invalidation of an unknown kind');
}

/** Acknowledges `snapshot` and so renews the lease; false if the registration is not there as it was left. */
export async function acknowledge(db: Database, { id, renewals }: Registration, snapshot: Snapshot): Promise<boolean> {
  const { count } = await db.$client`
    update replicas set acked = ${formatSnapshot(snapshot)}::pg_snapshot, renewals = renewals + 1, renewed_at = now()
    where id = ${id} and renewals = ${renewals}`;
  return count === 1;
}

/** Deletes a registration if it is there as it was left: another process may have gone on with it. */
export async function deleteReplica(db: Database, { id, renewals }: Registration): Promise<void> {
  await db.$client`delete from replicas where id = ${id} and renewals = ${renewals}`;
}

/**
 * All registered replicas, as a fence for `xids` sees them. In the same round trip sends `message`, if there is one, to
 * those that have not acknowledged yet and are not `selfId`; with nobody to tell, nothing is sent. The column `told` is
 * there since a part of a query that no column asks for is not carried out.
 */
export async function selectMembers(
  db: Database,
  xids: readonly Xid[],
  tell?: { readonly channel: string; readonly message: string; readonly selfId: string },
): Promise<Member[]> {
  const list = xids.map(String);
  if (tell === undefined) {
    return db.$client<Member[]>`
      select id, lease_ms as "leaseMs", ${covers(db, list)} as "isCovered" from replicas`;
  }
  return db.$client<Member[]>`
    with members as materialized (
      select id, lease_ms as "leaseMs", ${covers(db, list)} as "isCovered" from replicas
    ), told as materialized (
      select pg_notify(${tell.channel}, ${tell.message})
      where exists (select from members where not "isCovered" and id <> ${tell.selfId})
    )
    select members.*, (select count(*) from told) as told from members`;
}

function covers(db: Database, xids: readonly string[]) {
  return db.$client`
    not exists (select from unnest(${[...xids]}::text[]) x where not pg_visible_in_snapshot(x::xid8, acked))`;
}

/** Evicts those of `ids` that still do not cover `xids`. */
export async function evictReplicas(db: Database, ids: readonly string[], xids: readonly Xid[]): Promise<number> {
  const { count } = await db.$client`
    delete from replicas where id = any(${[...ids]}::uuid[]) and not ${covers(db, xids.map(String))}`;
  return count;
}

export async function notify(db: Database, messages: readonly { channel: string; message: string }[]): Promise<void> {
  const channels = messages.map(({ channel }) => channel);
  const texts = messages.map(({ message }) => message);
  await db.$client`
    select pg_notify(channel, message) from unnest(${channels}::text[], ${texts}::text[]) as sent (channel, message)`;
}

/** Deletes invalidations that every registered replica has applied, and those of a future that a restored backup tells of. */
export async function purgeInvalidations(db: Database): Promise<void> {
  await db.$client`
    delete from invalidations
    where xid < (select coalesce(min(pg_snapshot_xmin(acked)), pg_snapshot_xmin(pg_current_snapshot())) from replicas)
      or xid >= pg_snapshot_xmax(pg_current_snapshot())`;
}

export interface SeenReplica {
  readonly id: string;
  readonly renewals: number;
  readonly leaseMs: number;
}

export async function selectReplicas(db: Database): Promise<SeenReplica[]> {
  return db.$client<SeenReplica[]>`select id, renewals::int, lease_ms as "leaseMs" from replicas`;
}

/** Deletes registrations that have not been renewed since they were seen so. */
export async function deleteUnrenewed(db: Database, replicas: readonly SeenReplica[]): Promise<number> {
  const ids = replicas.map(({ id }) => id);
  const renewals = replicas.map((replica) => replica.renewals);
  const { count } = await db.$client`
    delete from replicas r using unnest(${ids}::uuid[], ${renewals}::bigint[]) as seen (id, renewals)
    where r.id = seen.id and r.renewals = seen.renewals`;
  return count;
}

function sightOf(row: SightRow | undefined): Sight {
  if (row === undefined) throw new Error('a statement without its snapshot');
  return { snapshot: parseSnapshot(row.snapshot), nowMs: row.now_ms };
}

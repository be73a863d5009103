import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';
import { idFromUuid, idToUuid, type TokenId } from '../../lib/ids.ts';
import type { Realm } from '../../tokens/realm.ts';
import { statusCondition } from '../../tokens/store/list.ts';
import { inRealm } from '../../tokens/store/realm.ts';

/** How many there are, as far as that was counted. */
export interface Count {
  readonly count: number;
  /** There are more than that, or there may be. */
  readonly isMore: boolean;
}

/** Tokens that are alike in something, and which of them to look at first. */
export interface Finding extends Count {
  readonly first: readonly TokenId[];
}

/** No more are counted. Written out in the SQL, with one more that tells whether there are more. */
const MOST = 10_000;
/** Of the tokens that are old enough to be idle so many are looked at, the oldest first. Likewise. */
const MOST_LOOKED_AT = 100_000;

/** Tokens that are active at `now`, and whose owner, if they have one, has not been removed. */
export async function countActive(db: Database, realm: Realm, now: Date): Promise<Count> {
  const sql = clientOf(db);
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from (select from tokens t where ${isUsable(sql, realm, now)} limit 10001) as found`;
  return upToMost(row?.count ?? 0);
}

/** Those that never expire, the oldest first. */
export async function findNeverExpiring(db: Database, realm: Realm, now: Date): Promise<Finding> {
  const sql = clientOf(db);
  return summarise(
    await sql<FindingRow[]>`
      with oldest as (
        select t.id, t.created_at from tokens t
        where ${isUsable(sql, realm, now)} and t.expires_at is null
        order by t.created_at, t.id limit 10001
      ), found as materialized (
        select id, row_number() over (order by created_at, id) as place from oldest
      )
      ${summaryOf(sql)}`,
  );
}

/** Those that expire at `until` or before, the soonest first. */
export async function findExpiring(db: Database, realm: Realm, now: Date, until: Date): Promise<Finding> {
  const sql = clientOf(db);
  return summarise(
    await sql<FindingRow[]>`
      with soonest as (
        select t.id, t.expires_at from tokens t
        where ${isUsable(sql, realm, now)} and t.expires_at <= ${until.toISOString()}::timestamptz
        order by t.expires_at, t.id limit 10001
      ), found as materialized (
        select id, row_number() over (order by expires_at, id) as place from soonest
      )
      ${summaryOf(sql)}`,
  );
}

/** Those that were issued before `since` and not used since then, the longest idle first. */
export async function findIdle(db: Database, realm: Realm, now: Date, since: Date): Promise<Finding> {
  const sql = clientOf(db);
  const before = sql`${since.toISOString()}::timestamptz`;
  const rows = await sql<(FindingRow & { looked_at: number })[]>`
    with old as materialized (
      select t.id, t.created_at from tokens t
      where ${isActive(sql, realm, now)} and t.created_at < ${before}
      order by t.created_at, t.id limit 100001
    ), idle as materialized (
      select old.id, coalesce(used.last_used_at, old.created_at) as idle_since
      from old left join credential_uses used on used.credential_id = old.id
      where (used.last_used_at is null or used.last_used_at < ${before}) and ${hasItsOwner(sql, realm, sql`old.id`)}
      limit 10001
    ), found as materialized (
      select id, row_number() over (order by idle_since, id) as place from idle
    )
    ${summaryOf(sql)}, (select count(*)::int from old) as looked_at`;
  const finding = summarise(rows);
  return { ...finding, isMore: finding.isMore || (rows[0]?.looked_at ?? 0) > MOST_LOOKED_AT };
}

/** What an overview shows of a token. */
export interface TokenGlance {
  readonly id: TokenId;
  readonly name: string;
  readonly hint: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
}

interface GlanceRow {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
}

/** Those of `ids` that exist in that realm. */
export async function selectGlances(
  db: Database,
  realm: Realm,
  ids: readonly TokenId[],
): Promise<Map<TokenId, TokenGlance>> {
  if (ids.length === 0) return new Map();
  const sql = clientOf(db);
  const rows = await sql<GlanceRow[]>`
    select t.id, t.name, t.hint, extract(epoch from t.created_at)::float8 * 1000 as created_at,
      extract(epoch from t.expires_at)::float8 * 1000 as expires_at,
      extract(epoch from used.last_used_at)::float8 * 1000 as last_used_at
    from tokens t left join credential_uses used on used.credential_id = t.id
    where t.id = any(${ids.map((id) => idToUuid(id))}::uuid[]) and ${inRealm(sql, realm)}`;
  return new Map(rows.map((row) => [idFromUuid('tkn', row.id), toGlance(row)]));
}

function toGlance({ id, name, hint, ...row }: GlanceRow): TokenGlance {
  const date = (ms: number) => new Date(Math.round(ms));
  return {
    id: idFromUuid('tkn', id),
    name,
    hint,
    createdAt: date(row.created_at),
    expiresAt: row.expires_at === null ? null : date(row.expires_at),
    lastUsedAt: row.last_used_at === null ? null : date(row.last_used_at),
  };
}

type Sql = ReturnType<typeof clientOf>;

function isUsable(sql: Sql, realm: Realm, now: Date) {
  return sql`${isActive(sql, realm, now)} and ${hasItsOwner(sql, realm, sql`t.id`)}`;
}

function isActive(sql: Sql, realm: Realm, now: Date) {
  return sql`${inRealm(sql, realm)} and ${statusCondition(sql, 'active', now)}`;
}

/** Asked the other way round, as an index then holds all that is asked of a token: few members have been removed. */
function hasItsOwner(sql: Sql, { workspaceId }: Realm, id: ReturnType<typeof inRealm>) {
  return sql`not exists (
    select from members m join tokens owned on owned.owner_id = m.id
    where m.workspace_id = ${idToUuid(workspaceId)} and m.removed_at is not null and owned.id = ${id})`;
}

interface FindingRow {
  readonly count: number;
  readonly first: readonly string[];
}

/** Of `found`, in the order of its places. */
function summaryOf(sql: Sql) {
  return sql`select (select count(*)::int from found) as count,
    array(select id from found order by place limit 5) as first`;
}

function summarise([row]: readonly FindingRow[]): Finding {
  return { ...upToMost(row?.count ?? 0), first: (row?.first ?? []).map((id) => idFromUuid('tkn', id)) };
}

function upToMost(counted: number): Count {
  return { count: Math.min(counted, MOST), isMore: counted > MOST };
}

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
/** Of either kind of tokens so many are looked at for idle ones. Likewise. */
const MOST_LOOKED_AT = 2_500;

/** The tokens of a realm that are active and whose owner, if they have one, has not been removed. */
export interface Standing {
  readonly active: Count;
  /** The oldest first. */
  readonly neverExpiring: Finding;
  /** Those that end at `until` or before, the soonest first. */
  readonly expiring: Finding;
}

/** How tokens stand at `now`. Costs some 30,000 entries of one index at most, however many tokens there are. */
export async function readStanding(db: Database, realm: Realm, now: Date, until: Date): Promise<Standing> {
  const sql = clientOf(db);
  const end = sql`${until.toISOString()}::timestamptz`;
  const endless = sql`t.expires_at is null`;
  const soon = sql`t.expires_at > ${now.toISOString()}::timestamptz and t.expires_at <= ${end}`;
  const later = sql`t.expires_at > ${end}`;
  const count = (condition: Fragment) => sql`(
    select count(*)::int from (
      select from ${tokensOf(sql, realm)} where ${isUsable(sql, realm, now)} and ${condition} limit 10001
    ) as counted)`;
  const first = (condition: Fragment) => sql`array(
    select t.id from ${tokensOf(sql, realm)} where ${isUsable(sql, realm, now)} and ${condition}
    order by t.expires_at, t.created_at, t.id limit 5)`;
  const [row] = await sql<StandingRow[]>`
    with ${preparedFor(sql, realm)}
    select ${count(endless)} as endless, ${first(endless)} as first_endless,
      ${count(soon)} as soon, ${first(soon)} as first_soon, ${count(later)} as later`;
  const { endless: never = 0, soon: ending = 0, later: lasting = 0 } = row ?? {};
  return {
    active: upToMost(never + ending + lasting),
    neverExpiring: { ...upToMost(never), first: toIds(row?.first_endless) },
    expiring: { ...upToMost(ending), first: toIds(row?.first_soon) },
  };
}

interface StandingRow {
  readonly endless: number;
  readonly first_endless: readonly string[];
  readonly soon: number;
  readonly first_soon: readonly string[];
  readonly later: number;
}

/**
 * Those that were issued before `since` and not used since then, the longest idle first. Looks at 5,000 that were issued
 * before: the oldest of those that never expire, and of the others those that end soonest.
 */
export async function findIdle(db: Database, realm: Realm, now: Date, since: Date): Promise<Finding> {
  const sql = clientOf(db);
  const before = sql`${since.toISOString()}::timestamptz`;
  // By two ways into one index, each in its order, so that no more is read than is looked at. Uses are looked up by a list
  // of ids, which goes through their index once and not once for each.
  const old = (condition: Fragment) => sql`
    select t.id, t.created_at from ${tokensOf(sql, realm)}
    where ${isUsable(sql, realm, now)} and ${condition} and t.created_at < ${before}
    order by t.expires_at, t.created_at, t.id limit 2501`;
  const [row] = await sql<{ count: number; first: readonly string[]; endless: number; ending: number }[]>`
    with ${preparedFor(sql, realm)},
    endless as materialized (${old(sql`t.expires_at is null`)}),
    ending as materialized (${old(sql`t.expires_at > ${now.toISOString()}::timestamptz`)}),
    old as materialized ((select * from endless limit 2500) union all (select * from ending limit 2500)),
    used as materialized (
      select credential_id, last_used_at from credential_uses where credential_id = any(array(select id from old))
    ), idle as materialized (
      select old.id, coalesce(used.last_used_at, old.created_at) as since
      from old left join used on used.credential_id = old.id
      where used.last_used_at is null or used.last_used_at < ${before}
    )
    select (select count(*)::int from idle) as count, array(select id from idle order by since, id limit 5) as first,
      (select count(*)::int from endless) as endless, (select count(*)::int from ending) as ending`;
  const { count = 0, endless = 0, ending = 0 } = row ?? {};
  return { count, isMore: Math.max(endless, ending) > MOST_LOOKED_AT, first: toIds(row?.first) };
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
type Fragment = ReturnType<typeof inRealm>;

/** What {@link isUsable} and {@link tokensOf} refer to. */
function preparedFor(sql: Sql, realm: Realm): Fragment {
  // Asked the other way round, as an index then holds all that is asked of a token: few members have been removed.
  const ownerless = sql`ownerless as materialized (
    select owned.id from members m join tokens owned on owned.owner_id = m.id
    where m.workspace_id = ${idToUuid(realm.workspaceId)} and m.removed_at is not null)`;
  if (realm.ownerId === null) return ownerless;
  return sql`${ownerless}, own as materialized (
    select t.id, t.workspace_id, t.environment, t.owner_id, t.created_at, t.revoked_at, t.expires_at, t.not_before
    from tokens t where ${inRealm(sql, realm)})`;
}

/** The tokens of one member are few, and read once; all others are better counted in their index. */
function tokensOf(sql: Sql, realm: Realm): Fragment {
  return realm.ownerId === null ? sql`tokens t` : sql`own t`;
}

/** The condition that a token `t` works at `now`. */
function isUsable(sql: Sql, realm: Realm, now: Date): Fragment {
  return sql`${inRealm(sql, realm)} and ${statusCondition(sql, 'active', now)}
    and t.id not in (select id from ownerless)`;
}

function toIds(uuids: readonly string[] = []): readonly TokenId[] {
  return uuids.map((id) => idFromUuid('tkn', id));
}

function upToMost(counted: number): Count {
  return { count: Math.min(counted, MOST), isMore: counted > MOST };
}

import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';
import { idToUuid, type TokenId } from '../../lib/ids.ts';
import type { Realm } from '../../tokens/realm.ts';
import { inRealm } from '../../tokens/store/realm.ts';
import { BUCKET_SECONDS } from './buckets.ts';
import { selectNames } from './names-store.ts';
import { ADMITTED_OUTCOMES } from './outcome.ts';

/** What uses of one token are looked at: those that were good, counted by the day of UTC. */
interface Uses {
  readonly tokenId: TokenId;
  /** The start of a day. */
  readonly since: Date;
}

export interface SourceReliance {
  /** An IPv4 address or an IPv6 /64; null if unknown. */
  readonly source: string | null;
  /** Null if that is not remembered. */
  readonly firstSeenAt: Date | null;
  readonly lastSeenAt: Date;
  readonly uses: number;
}

/** From where a token was used: up to `limit` sources, the latest first. */
export async function selectSources(db: Database, uses: Uses, limit: number): Promise<SourceReliance[]> {
  const sql = clientOf(db);
  const rows = await sql<{ source: string | null; first_seen_at: number | null; last_seen_at: number; uses: number }[]>`
    with latest as (
      select used.source, max(used.last_used_at) as last_seen_at, sum(used.uses)::float8 as uses
      from token_usage used where ${goodUses(sql, uses)}
      group by used.source order by 2 desc limit ${limit}
    )
    select latest.source, extract(epoch from coalesce(known.first_seen_at, known.seen_at))::float8 * 1000 as first_seen_at,
      extract(epoch from latest.last_seen_at)::float8 * 1000 as last_seen_at, latest.uses
    from latest left join token_sources known
      on known.token_id = ${idToUuid(uses.tokenId)} and known.is_admitted and known.source = latest.source
    order by latest.last_seen_at desc, latest.source`;
  return rows.map((row) => ({
    source: row.source,
    firstSeenAt: row.first_seen_at === null ? null : new Date(Math.round(row.first_seen_at)),
    lastSeenAt: new Date(Math.round(row.last_seen_at)),
    uses: row.uses,
  }));
}

export interface IntrospectorReliance {
  /** Id of an API key, a token or a member; null is Tooken itself, which the token called. */
  readonly introspectorId: string | null;
  /** Null for one that has gone, and for what the caller does not see. */
  readonly name: string | null;
  readonly lastUsedAt: Date;
  readonly uses: number;
}

/**
 * Who was shown a token: up to `limit` introspectors, the latest first. Those who see only some tokens are not told the
 * names of others, nor of keys and members.
 */
export async function selectIntrospectors(
  db: Database,
  realm: Realm,
  uses: Uses,
  limit: number,
): Promise<IntrospectorReliance[]> {
  const sql = clientOf(db);
  const rows = await sql<{ introspector_id: string | null; last_used_at: number; uses: number }[]>`
    select used.introspector_id, extract(epoch from max(used.last_used_at))::float8 * 1000 as last_used_at,
      sum(used.uses)::float8 as uses
    from token_usage used where ${goodUses(sql, uses)}
    group by used.introspector_id order by 2 desc, 1 limit ${limit}`;
  const names = await selectNames(
    db,
    realm,
    rows.flatMap((row) => row.introspector_id ?? []),
  );
  return rows.map((row) => ({
    introspectorId: row.introspector_id,
    name: row.introspector_id === null ? null : (names.get(row.introspector_id) ?? null),
    lastUsedAt: new Date(Math.round(row.last_used_at)),
    uses: row.uses,
  }));
}

/** How often a token was used on each day that it was used on. */
export async function selectDailyUses(db: Database, uses: Uses): Promise<{ startsAt: Date; uses: number }[]> {
  const sql = clientOf(db);
  const rows = await sql<{ starts_at: number; uses: number }[]>`
    select extract(epoch from used.starts_at)::float8 * 1000 as starts_at, sum(used.uses)::float8 as uses
    from token_usage used where ${goodUses(sql, uses)} group by used.starts_at`;
  return rows.map((row) => ({ startsAt: new Date(Math.round(row.starts_at)), uses: row.uses }));
}

/** How many tokens of a realm descend from one and are neither revoked nor expired; no more than `limit` are counted. */
export async function countLiveDescendants(
  db: Database,
  realm: Realm,
  { tokenId, now, limit }: { readonly tokenId: TokenId; readonly now: Date; readonly limit: number },
): Promise<number> {
  const sql = clientOf(db);
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from (
      select from tokens t where t.issued_through @> array[${idToUuid(tokenId)}]::uuid[] and ${inRealm(sql, realm)}
        and t.revoked_at is null and (t.expires_at is null or t.expires_at > ${now.toISOString()}::timestamptz)
      limit ${limit}) as live`;
  return row?.count ?? 0;
}

function goodUses(sql: ReturnType<typeof clientOf>, { tokenId, since }: Uses) {
  return sql`used.token_id = ${idToUuid(tokenId)} and used.bucket_seconds = ${BUCKET_SECONDS.day}
    and used.starts_at >= ${since.toISOString()}::timestamptz and used.outcome = any(${[...ADMITTED_OUTCOMES]}::text[])`;
}

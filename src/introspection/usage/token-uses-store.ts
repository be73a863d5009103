import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';
import { idToUuid, type TokenId } from '../../lib/ids.ts';
import { BUCKET_SECONDS } from './buckets.ts';
import { acceptedAndDenied, type Since, type Uses, type UsesRow } from './totals-store.ts';

/** The uses of one token in each hour and day that had some. */
export async function selectUsesOfToken(db: Database, tokenId: TokenId, since: Since): Promise<UsesRow[]> {
  const sql = clientOf(db);
  const rows = await sql<{ seconds: number; starts_at: number; accepted: number; denied: number }[]>`
    select used.bucket_seconds as seconds, extract(epoch from used.starts_at)::float8 * 1000 as starts_at,
      ${acceptedAndDenied(sql)}
    from (values
        (${BUCKET_SECONDS.hour}::int, ${since.hour.toISOString()}::timestamptz),
        (${BUCKET_SECONDS.day}::int, ${since.day.toISOString()}::timestamptz)
      ) as wanted (seconds, since)
      join token_usage used on used.bucket_seconds = wanted.seconds and used.starts_at >= wanted.since
    where used.token_id = ${idToUuid(tokenId)}
    group by 1, 2`;
  return rows.map(({ seconds, starts_at, accepted, denied }) => ({
    bucket: seconds === BUCKET_SECONDS.day ? 'day' : 'hour',
    startsAt: new Date(Math.round(starts_at)),
    accepted,
    denied,
  }));
}

/** From where a token was used, or was refused. */
export interface SourceUses extends Uses {
  /** An IPv4 address or an IPv6 /64; null if unknown. */
  readonly source: string | null;
  /** Null if that is not remembered. */
  readonly firstSeenAt: Date | null;
  readonly lastSeenAt: Date;
}

/** Since the start of a day: up to `limit` sources, the latest first. */
export async function selectSourcesOfToken(
  db: Database,
  { tokenId, since }: { readonly tokenId: TokenId; readonly since: Date },
  limit: number,
): Promise<SourceUses[]> {
  const sql = clientOf(db);
  type Row = { source: string | null; first: number | null; last: number; accepted: number; denied: number };
  const rows = await sql<Row[]>`
    with latest as (
      select used.source, max(used.last_used_at) as last_seen_at, ${acceptedAndDenied(sql)}
      from token_usage used
      where used.token_id = ${idToUuid(tokenId)} and used.bucket_seconds = ${BUCKET_SECONDS.day}
        and used.starts_at >= ${since.toISOString()}::timestamptz
      group by used.source order by 2 desc limit ${limit}
    )
    select latest.source, latest.accepted, latest.denied, extract(epoch from latest.last_seen_at)::float8 * 1000 as last,
      (select extract(epoch from min(coalesce(known.first_seen_at, known.seen_at)))::float8 * 1000 from token_sources known
        where known.token_id = ${idToUuid(tokenId)} and known.source = latest.source) as first
    from latest order by latest.last_seen_at desc, latest.source`;
  return rows.map(({ source, first, last, accepted, denied }) => ({
    source,
    firstSeenAt: first === null ? null : new Date(Math.round(first)),
    lastSeenAt: new Date(Math.round(last)),
    accepted,
    denied,
  }));
}

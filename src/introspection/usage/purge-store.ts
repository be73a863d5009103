import { clientOf } from '../../db/client.ts';
import type { Transaction } from '../../db/connection.ts';
import { BUCKET_SECONDS, BUCKETS, RETENTION_MS } from './buckets.ts';
import { ADMITTED_OUTCOMES } from './outcome.ts';

/** At most so many rows are removed in one transaction. Written out in the SQL, so that plans can count on it. */
export const PURGE_BATCH = 2_000;

/** Whether this transaction is the one that may purge now. */
export async function lockPurge(tx: Transaction): Promise<boolean> {
  const [row] = await clientOf(tx)<{ taken: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended('tooken/usage-purge', 0)) as taken`;
  return row?.taken === true;
}

/** Removes counts that are past their time; returns how many. Looks where the oldest of each workspace are. */
export async function deleteOldCounts(tx: Transaction, now: Date): Promise<number> {
  const since = BUCKETS.map((bucket) => new Date(now.getTime() - RETENTION_MS[bucket]).toISOString());
  const { count } = await clientOf(tx)`
    delete from token_usage where id in (
      select old.id
      from workspaces
        cross join unnest(array['live', 'test']) as environment (name)
        cross join unnest(
          ${BUCKETS.map((bucket) => BUCKET_SECONDS[bucket])}::int[], ${since}::text[]::timestamptz[]
        ) as kept (seconds, since)
        cross join lateral (
          select usage.id from token_usage usage
          where usage.workspace_id = workspaces.id and usage.environment = environment.name
            and usage.bucket_seconds = kept.seconds and usage.starts_at < kept.since
          order by usage.starts_at limit 2000
        ) as old
      limit 2000)`;
  return count;
}

/**
 * Forgets sources that tokens have not come from for long; returns how many rows it looked at. While a token comes and
 * goes nobody writes here, so what looks old may not be: then it is brought up to date instead.
 */
export async function deleteOldSources(tx: Transaction, since: Date): Promise<number> {
  const [result] = await clientOf(tx)<{ looked: number }[]>`
    with old as materialized (
      select token_id, is_admitted, source, (
        select usage.last_used_at from token_usage usage
        where usage.token_id = old.token_id and usage.bucket_seconds = ${BUCKET_SECONDS.day}
          and usage.starts_at >= ${since.toISOString()}::timestamptz and usage.source = old.source
          and (usage.outcome = any(${[...ADMITTED_OUTCOMES]}::text[])) = old.is_admitted
        order by usage.starts_at desc limit 1
      ) as used_at
      from token_sources old
      where seen_at < ${since.toISOString()}::timestamptz
      order by seen_at limit 2000
      for update
    ), kept as (
      update token_sources set seen_at = old.used_at, first_seen_at = coalesce(first_seen_at, seen_at)
      from old
      where old.used_at is not null and token_sources.token_id = old.token_id
        and token_sources.is_admitted = old.is_admitted and token_sources.source = old.source
    ), forgotten as (
      delete from token_sources using old
      where old.used_at is null and token_sources.token_id = old.token_id
        and token_sources.is_admitted = old.is_admitted and token_sources.source = old.source
    )
    select count(*)::int as looked from old`;
  return result?.looked ?? 0;
}

/** Removes the writers of processes that ended long ago. */
export async function deleteOldWriters(tx: Transaction, since: Date): Promise<void> {
  await clientOf(tx)`delete from usage_writers where written_at < ${since.toISOString()}::timestamptz`;
}

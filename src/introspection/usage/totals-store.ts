import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { idToUuid } from '../../lib/ids.ts';
import type { Realm } from '../../tokens/realm.ts';
import { inRealm } from '../../tokens/store/realm.ts';
import type { UsageCount } from './batch.ts';
import { BUCKET_SECONDS, RETENTION_MS } from './buckets.ts';
import { ADMITTED_OUTCOMES, type UsageOutcome } from './outcome.ts';
import { PURGE_BATCH } from './purge-store.ts';
import { column } from './write-store.ts';

/**
 * What `token_usage` counts, added up over tokens, secrets and sources: a few rows an hour for each introspector, however
 * many tokens there are, so that a year of a workspace is read in milliseconds.
 */

/** How often tokens were good and how often they were not. */
export interface Uses {
  /** The token was good; what it was asked to do may have been beyond its scopes. */
  readonly accepted: number;
  readonly denied: number;
}

/** Adds uses to their hour and day. The last of a batch's counts, as most batches want the same rows. */
export async function addTotals(tx: Transaction, counts: readonly UsageCount[]): Promise<void> {
  const totals = [...totalsOf(counts).values()];
  await clientOf(tx)`
    insert into usage_totals (workspace_id, environment, introspector_id, outcome, bucket_seconds, starts_at, uses)
    select total.workspace_id, total.environment, total.introspector_id, total.outcome, bucket.seconds,
      to_timestamp(total.hour * 3600 / bucket.seconds * bucket.seconds) as starts_at, sum(total.uses)
    from unnest(
      string_to_array(${column(totals.map(({ workspaceId }) => idToUuid(workspaceId)))}, ',', '')::uuid[],
      string_to_array(${column(totals.map(({ environment }) => environment))}, ',', ''),
      string_to_array(${column(totals.map(({ introspectorId }) => introspectorId))}, ',', ''),
      string_to_array(${column(totals.map(({ outcome }) => outcome))}, ',', ''),
      string_to_array(${column(totals.map(({ hour }) => hour))}, ',', '')::bigint[],
      string_to_array(${column(totals.map(({ uses }) => uses))}, ',', '')::bigint[]
    ) as total (workspace_id, environment, introspector_id, outcome, hour, uses)
    cross join unnest(array[${BUCKET_SECONDS.hour}, ${BUCKET_SECONDS.day}]::int[]) as bucket (seconds)
    group by 1, 2, 3, 4, 5, 6
    order by 1, 2, 5, 6, 3, 4
    on conflict (workspace_id, environment, bucket_seconds, starts_at, introspector_id, outcome) do update
      set uses = usage_totals.uses + excluded.uses`;
}

interface Total extends Pick<UsageCount, 'workspaceId' | 'environment' | 'introspectorId' | 'outcome'> {
  /** Hours since 1970. */
  readonly hour: number;
  uses: number;
}

function totalsOf(counts: readonly UsageCount[]): Map<string, Total> {
  const totals = new Map<string, Total>();
  for (const { workspaceId, environment, introspectorId, outcome, minute, count } of counts) {
    const hour = Math.floor(minute / 60);
    const key = `${workspaceId} ${environment} ${introspectorId} ${outcome} ${hour}`;
    const known = totals.get(key);
    if (known === undefined) totals.set(key, { workspaceId, environment, introspectorId, outcome, hour, uses: count });
    else known.uses += count;
  }
  return totals;
}

/** Removes totals that are past their time; returns how many. */
export async function deleteOldTotals(tx: Transaction, now: Date): Promise<number> {
  const sql = clientOf(tx);
  const before = (bucket: 'hour' | 'day') => new Date(now.getTime() - RETENTION_MS[bucket]).toISOString();
  const { count } = await sql`
    delete from usage_totals where id in (
      select id from usage_totals
      where bucket_seconds = ${BUCKET_SECONDS.hour} and starts_at < ${before('hour')}::timestamptz
        or bucket_seconds = ${BUCKET_SECONDS.day} and starts_at < ${before('day')}::timestamptz
      limit ${PURGE_BATCH})`;
  return count;
}

/** From which hour and from which day on uses are wanted: the start of either. */
export interface Since {
  readonly hour: Date;
  readonly day: Date;
}

export interface UsesRow extends Uses {
  readonly bucket: 'hour' | 'day';
  readonly startsAt: Date;
}

/** The uses of each hour and day that had some, of the tokens of a realm and of what was taken for one. */
export async function selectUses(db: Database, realm: Realm, since: Since): Promise<UsesRow[]> {
  const sql = clientOf(db);
  const rows = await sql<{ seconds: number; starts_at: number; accepted: number; denied: number }[]>`
    select bucket_seconds as seconds, extract(epoch from starts_at)::float8 * 1000 as starts_at, ${acceptedAndDenied(sql)}
    from (values
        (${BUCKET_SECONDS.hour}::int, ${since.hour.toISOString()}::timestamptz),
        (${BUCKET_SECONDS.day}::int, ${since.day.toISOString()}::timestamptz)
      ) as wanted (seconds, since)
      join ${realm.ownerId === null ? sql`usage_totals used` : sql`token_usage used`}
        on used.bucket_seconds = wanted.seconds and used.starts_at >= wanted.since
    where used.workspace_id = ${idToUuid(realm.workspaceId)} and used.environment = ${realm.environment}
      ${ofOwnTokens(sql, realm)}
    group by used.bucket_seconds, used.starts_at`;
  return rows.map(({ seconds, starts_at, accepted, denied }) => ({
    bucket: seconds === BUCKET_SECONDS.day ? 'day' : 'hour',
    startsAt: new Date(Math.round(starts_at)),
    accepted,
    denied,
  }));
}

/** How often somebody asked about tokens since the start of a day. */
export async function sumIntrospections(db: Database, introspectorId: string, sinceDay: Date): Promise<number> {
  const [row] = await clientOf(db)<{ uses: number }[]>`
    select coalesce(sum(uses), 0)::float8 as uses from usage_totals
    where introspector_id = ${introspectorId} and bucket_seconds = ${BUCKET_SECONDS.day}
      and starts_at >= ${sinceDay.toISOString()}::timestamptz`;
  return row?.uses ?? 0;
}

type Sql = ReturnType<typeof clientOf>;

/** The sums of {@link Uses} of the rows `used`. */
export function acceptedAndDenied(sql: Sql) {
  const admitted: readonly UsageOutcome[] = ADMITTED_OUTCOMES;
  return sql`
    coalesce(sum(used.uses) filter (where used.outcome = any(${[...admitted]}::text[])), 0)::float8 as accepted,
    coalesce(sum(used.uses) filter (where used.outcome <> all(${[...admitted]}::text[])), 0)::float8 as denied`;
}

/** Looked up first, so that the rows are found by token: one member has few. */
function ofOwnTokens(sql: Sql, realm: Realm) {
  if (realm.ownerId === null) return sql``;
  return sql`and used.token_id = any(array(select t.id from tokens t where ${inRealm(sql, realm)}))`;
}

import { clientOf } from '../../db/client.ts';
import type { Transaction } from '../../db/connection.ts';
import { idToUuid, type WorkspaceId } from '../../lib/ids.ts';
import type { LastUse, Sighting, UsageCount } from './batch.ts';
import { BUCKET_SECONDS } from './buckets.ts';
import { ADMITTED_OUTCOMES } from './outcome.ts';

/**
 * The statements of one batch. Each takes its rows in the order of their keys, and all batches run the statements in the
 * same order, so that replicas which write at the same time wait for each other and never in a circle.
 */

/**
 * A column of a batch, as one text for `string_to_array(…, ',', '')`: a fraction of what an array costs the driver, value
 * by value, and all of it while requests wait. No id, address or name of an outcome has a comma in it, or is empty.
 */
export function column(values: readonly (string | number | boolean | null)[]): string {
  return values.join(',');
}

/** Stands in `token_sources` for all sources beyond the bound. */
export const FURTHER_SOURCES = '*';

/**
 * Sources remembered of a token, and as many again that it was denied from. Replicas that look at the same moment may
 * each fill up to the bound.
 */
const MAX_SOURCES = 100;

/** False if the writer's batch of that number, or a later one, is in the database already. */
export async function claimBatch(
  tx: Transaction,
  { writerId, number, now }: { readonly writerId: string; readonly number: number; readonly now: Date },
): Promise<boolean> {
  const rows = await clientOf(tx)`
    insert into usage_writers (id, batches, written_at) values (${writerId}, ${number}, ${now.toISOString()})
    on conflict (id) do update set batches = excluded.batches, written_at = excluded.written_at
      where usage_writers.batches < excluded.batches
    returning id`;
  return rows.length > 0;
}

/** Notes the uses of credentials, if they still exist, of which none was noted before; returns which those are. */
export async function insertFirstUses(tx: Transaction, uses: readonly LastUse[]): Promise<Set<string>> {
  const rows = await clientOf(tx)<{ id: string }[]>`
    insert into credential_uses (credential_id, last_used_at, last_used_from)
    select used.id, used.at, used.source from ${lastUses(tx, uses)}
    where not exists (select from credential_uses known where known.credential_id = used.id)
      and (exists (select from tokens where tokens.id = used.id) or exists (select from api_keys where api_keys.id = used.id))
    order by used.id
    on conflict (credential_id) do nothing
    returning credential_id as id`;
  return new Set(rows.map(({ id }) => id));
}

/** Time only moves forward: a use that is older than the noted one changes nothing, so replicas may write in any order. */
export async function updateLastUses(tx: Transaction, uses: readonly LastUse[]): Promise<void> {
  await clientOf(tx)`
    with later as (
      select used.* from credential_uses noted join ${lastUses(tx, uses)} on used.id = noted.credential_id
      where used.at > noted.last_used_at
      order by noted.credential_id for no key update of noted
    )
    update credential_uses set last_used_at = later.at, last_used_from = later.source
    from later where credential_id = later.id`;
}

function lastUses(tx: Transaction, uses: readonly LastUse[]) {
  return clientOf(tx)`(
    select id, to_timestamp(at_ms / 1000.0) as at, source from unnest(
      string_to_array(${column(uses.map(({ uuid }) => uuid))}, ',', '')::uuid[],
      string_to_array(${column(uses.map(({ atMs }) => atMs))}, ',', '')::bigint[],
      string_to_array(${column(uses.map(({ from }) => from))}, ',', '')
    ) as listed (id, at_ms, source)
  ) as used`;
}

export type SightedSource = Pick<Sighting, 'tokenUuid' | 'isAdmitted' | 'source'>;

/**
 * Remembers where tokens have come from, each token's sources up to the bound; the first beyond it adds
 * {@link FURTHER_SOURCES}. Returns what was not remembered before.
 */
export async function insertSources(
  tx: Transaction,
  sightings: readonly SightedSource[],
  now: Date,
): Promise<SightedSource[]> {
  const rows = await clientOf(tx)<{ token_id: string; is_admitted: boolean; source: string }[]>`
    with fresh as (
      select sighted.*, row_number() over (partition by sighted.token_id, sighted.is_admitted order by sighted.source) + (
        select count(*) from token_sources known
        where known.token_id = sighted.token_id and known.is_admitted = sighted.is_admitted
      ) as place
      from unnest(
        string_to_array(${column(sightings.map(({ tokenUuid }) => tokenUuid))}, ',', '')::uuid[],
        string_to_array(${column(sightings.map(({ isAdmitted }) => isAdmitted))}, ',', '')::boolean[],
        string_to_array(${column(sightings.map(({ source }) => source))}, ',', '')
      ) as sighted (token_id, is_admitted, source)
      where exists (select from tokens where tokens.id = sighted.token_id)
        and not exists (
          select from token_sources known
          where known.token_id = sighted.token_id and known.is_admitted = sighted.is_admitted
            and known.source = sighted.source)
    )
    insert into token_sources (token_id, is_admitted, source, seen_at)
    select distinct token_id, is_admitted, case when place <= ${MAX_SOURCES} then source else ${FURTHER_SOURCES} end,
      ${now.toISOString()}::timestamptz
    from fresh
    order by 1, 2, 3
    on conflict do nothing
    returning token_id, is_admitted, source`;
  return rows.map((row) => ({ tokenUuid: row.token_id, isAdmitted: row.is_admitted, source: row.source }));
}

/** Adds uses to their minute, hour and day. A source that is not remembered is counted as none. */
export async function addCounts(tx: Transaction, counts: readonly UsageCount[]): Promise<void> {
  const uuids = new Map<WorkspaceId, string>();
  for (const { workspaceId } of counts) {
    if (!uuids.has(workspaceId)) uuids.set(workspaceId, idToUuid(workspaceId));
  }
  await clientOf(tx)`
    insert into token_usage (workspace_id, environment, token_id, introspector_id, source, outcome, secret,
      bucket_seconds, starts_at, uses, last_used_at)
    select counted.workspace_id, counted.environment, counted.token_id, counted.introspector_id, remembered.source,
      counted.outcome, counted.secret, bucket.seconds,
      to_timestamp(counted.minute * 60 / bucket.seconds * bucket.seconds) as starts_at, sum(counted.uses),
      to_timestamp(max(counted.at_ms) / 1000.0)
    from unnest(
      string_to_array(${column(counts.map(({ workspaceId }) => uuids.get(workspaceId) ?? null))}, ',', '')::uuid[],
      string_to_array(${column(counts.map(({ environment }) => environment))}, ',', ''),
      string_to_array(${column(counts.map(({ tokenUuid }) => tokenUuid))}, ',', '')::uuid[],
      string_to_array(${column(counts.map(({ introspectorId }) => introspectorId))}, ',', ''),
      string_to_array(${column(counts.map(({ source }) => source))}, ',', ''),
      string_to_array(${column(counts.map(({ outcome }) => outcome))}, ',', ''),
      string_to_array(${column(counts.map(({ secret }) => secret))}, ',', ''),
      string_to_array(${column(counts.map(({ minute }) => minute))}, ',', '')::bigint[],
      string_to_array(${column(counts.map(({ count }) => count))}, ',', '')::bigint[],
      string_to_array(${column(counts.map(({ lastAtMs }) => lastAtMs))}, ',', '')::bigint[]
    ) as counted (workspace_id, environment, token_id, introspector_id, source, outcome, secret, minute, uses, at_ms)
    cross join unnest(${Object.values(BUCKET_SECONDS)}::int[]) as bucket (seconds)
    left join token_sources remembered on remembered.token_id = counted.token_id
      and remembered.is_admitted = (counted.outcome = any(${[...ADMITTED_OUTCOMES]}::text[]))
      and remembered.source = counted.source
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
    order by counted.token_id, bucket.seconds, starts_at, counted.introspector_id, remembered.source, counted.outcome,
      counted.secret
    on conflict (token_id, bucket_seconds, starts_at, introspector_id, source, outcome, secret) do update
      set uses = token_usage.uses + excluded.uses,
        last_used_at = greatest(token_usage.last_used_at, excluded.last_used_at)`;
}

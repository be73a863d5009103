import type { Subject } from '../../audit/erasures/subject.ts';
import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { sourceOf } from '../../lib/addresses.ts';
import { type ApiKeyId, idToUuid, type TokenId, type WorkspaceId } from '../../lib/ids.ts';
import { FURTHER_SOURCES } from './write-store.ts';

/**
 * What usage keeps of a subject are addresses: of a source that address itself, of an IPv6 one the network that counts as one
 * source; of a token or an API key those that it was used from. Rows are taken in the order of their keys, table by table in the
 * order in which the writer of usage goes through them, so that the two wait for each other and never in a circle.
 */
export interface UsageTraces {
  readonly workspaceId: WorkspaceId;
  readonly subject: Subject;
}

/** At most so many rows of a table change in one transaction. Written out in the SQL, so that plans can count on it. */
export const USAGE_ERASURE_BATCH = 5_000;

/** Forgets from where credentials were last used; returns of how many. */
export async function eraseLastUses(tx: Transaction, traces: UsageTraces): Promise<number> {
  const sql = clientOf(tx);
  const { count } = await sql`
    with chosen as (
      select used.credential_id from credential_uses used
      where ${lastUses(sql, traces)}
      order by used.credential_id limit 5000
      for no key update
    )
    update credential_uses set last_used_from = null
    from chosen where credential_uses.credential_id = chosen.credential_id`;
  return count;
}

/** Forgets that tokens have come from there; returns how many rows that were. */
export async function eraseSources(tx: Transaction, traces: UsageTraces): Promise<number> {
  const sql = clientOf(tx);
  const { count } = await sql`
    with chosen as (
      select seen.token_id, seen.is_admitted, seen.source from token_sources seen
      where ${sources(sql, traces)}
      order by seen.token_id, seen.is_admitted, seen.source limit 5000
      for update
    )
    delete from token_sources using chosen
    where token_sources.token_id = chosen.token_id and token_sources.is_admitted = chosen.is_admitted
      and token_sources.source = chosen.source`;
  return count;
}

/** Adds what was counted from there to what is counted without a source; returns how many rows that were. */
export async function eraseCountedSources(tx: Transaction, traces: UsageTraces): Promise<number> {
  const sql = clientOf(tx);
  const [row] = await sql<{ rows: number }[]>`
    with chosen as (
      select counted.id from token_usage counted
      where ${counts(sql, traces)}
      order by counted.token_id, counted.bucket_seconds, counted.starts_at, counted.introspector_id, counted.source,
        counted.outcome, counted.secret
      limit 5000
      for update
    ), gone as (
      delete from token_usage using chosen where token_usage.id = chosen.id returning token_usage.*
    ), added as (
      insert into token_usage (workspace_id, environment, token_id, introspector_id, source, outcome, secret,
        bucket_seconds, starts_at, uses, last_used_at)
      select workspace_id, environment, token_id, introspector_id, null, outcome, secret, bucket_seconds, starts_at,
        sum(uses), max(last_used_at)
      from gone
      group by workspace_id, environment, token_id, introspector_id, outcome, secret, bucket_seconds, starts_at
      order by token_id, bucket_seconds, starts_at, introspector_id, outcome, secret
      on conflict (token_id, bucket_seconds, starts_at, introspector_id, source, outcome, secret) do update
        set uses = token_usage.uses + excluded.uses,
          last_used_at = greatest(token_usage.last_used_at, excluded.last_used_at)
    )
    select count(*)::int as rows from gone`;
  return row?.rows ?? 0;
}

/** How many rows an erasure would change now. */
export async function countTraces(db: Database, traces: UsageTraces): Promise<number> {
  const sql = clientOf(db);
  const [row] = await sql<{ rows: number }[]>`
    select (
      (select count(*) from credential_uses used where ${lastUses(sql, traces)})
      + (select count(*) from token_sources seen where ${sources(sql, traces)})
      + (select count(*) from token_usage counted where ${counts(sql, traces)})
    )::int as rows`;
  return row?.rows ?? 0;
}

type Client = ReturnType<typeof clientOf>;

function lastUses(sql: Client, { workspaceId, subject }: UsageTraces) {
  const workspace = idToUuid(workspaceId);
  const matches =
    subject.type === 'source'
      ? sql`used.last_used_from = ${subject.id}`
      : sql`used.credential_id = ${uuidOf(subject)} and used.last_used_from is not null`;
  return sql`${matches} and (
    exists (select from tokens where tokens.id = used.credential_id and tokens.workspace_id = ${workspace})
    or exists (select from api_keys where api_keys.id = used.credential_id and api_keys.workspace_id = ${workspace}))`;
}

function sources(sql: Client, { workspaceId, subject }: UsageTraces) {
  const matches =
    subject.type === 'source'
      ? sql`seen.source = ${sourceOf(subject.id)}`
      : sql`seen.token_id = ${uuidOf(subject)} and seen.source <> ${FURTHER_SOURCES}`;
  return sql`${matches} and exists (
    select from tokens where tokens.id = seen.token_id and tokens.workspace_id = ${idToUuid(workspaceId)})`;
}

function counts(sql: Client, { workspaceId, subject }: UsageTraces) {
  const matches =
    subject.type === 'source'
      ? sql`counted.environment in ('live', 'test') and counted.source = ${sourceOf(subject.id)}`
      : sql`counted.token_id = ${uuidOf(subject)} and counted.source is not null`;
  return sql`counted.workspace_id = ${idToUuid(workspaceId)} and ${matches}`;
}

/** Null for what is no credential: nothing is kept of it. */
function uuidOf({ type, id }: Subject): string | null {
  return type === 'token' || type === 'api_key' ? idToUuid(id as TokenId | ApiKeyId) : null;
}

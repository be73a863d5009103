import { parseSnapshot, type Snapshot } from '../coherence/snapshot.ts';
import type { Digest } from '../credentials/digest.ts';
import type { Environment } from '../credentials/format.ts';
import type { Database } from '../db/connection.ts';
import { effectiveScopes, type Scope } from '../identity/scopes.ts';
import { idFromUuid } from '../lib/ids.ts';
import { compact, createShared } from '../lib/shared.ts';
import type { ApiKeyRecord, CredentialRecord, TokenRecord } from './record.ts';

interface Row {
  readonly snapshot: string;
  readonly digest: string;
  readonly kind: 'api_key' | 'token';
  readonly id: string;
  readonly name: string;
  readonly workspace_id: string;
  readonly environment: Environment;
  readonly records_introspections: boolean;
  readonly allowed_cidrs: string[] | null;
  readonly expires_ms: number | null;
  readonly scopes: Scope[] | null;
  readonly audience: string | null;
  readonly metadata: Record<string, unknown> | null;
  readonly not_before_ms: number | null;
  readonly created_ms: number;
  readonly created_by: string | null;
  readonly revoked_ms: number | null;
  readonly is_current: boolean;
  readonly previous_ms: number | null;
}

/** What a look-up has found, and when. */
export interface FoundRecords {
  /** By digest in hex; a digest that nobody was given is not in it. */
  readonly records: ReadonlyMap<string, CredentialRecord>;
  /** The snapshot of the very statement. */
  readonly snapshot: Snapshot;
}

/**
 * Looks `digests` up. One prepared statement, made for a connection with {@link LOOK_UP_SETTINGS}: with a plan that is made
 * once and looks at indexes only, it costs the same whatever the tables have grown to since they were last analysed.
 */
export async function selectRecords(db: Database, digests: readonly Digest[]): Promise<FoundRecords> {
  const hexes = digests.map((digest) => digest.toString('hex'));
  const rows = await db.$client<(Row | EmptyRow)[]>`
    with wanted as (select decode(hex, 'hex') as digest from unnest(${hexes}::text[]) hex),
    found as (
      select encode(s.digest, 'hex') as digest, 'token' as kind, t.id, t.name, t.workspace_id, t.environment,
             w.audited_introspections = 'all' as records_introspections,
             t.allowed_cidrs, extract(epoch from t.expires_at)::float8 * 1000 as expires_ms,
             t.scopes, t.audience, t.metadata, extract(epoch from t.not_before)::float8 * 1000 as not_before_ms,
             extract(epoch from t.created_at)::float8 * 1000 as created_ms,
             t.created_by,
             extract(epoch from t.revoked_at)::float8 * 1000 as revoked_ms,
             s.valid_until is null as is_current,
             extract(epoch from coalesce(s.valid_until,
               (select max(p.valid_until) from token_secrets p where p.token_id = t.id)))::float8 * 1000 as previous_ms
        from wanted join token_secrets s using (digest) join tokens t on t.id = s.token_id
             join workspaces w on w.id = t.workspace_id
      union all
      select encode(k.digest, 'hex'), 'api_key', k.id, k.name, k.workspace_id, k.environment,
             w.audited_introspections = 'all',
             k.allowed_cidrs, extract(epoch from k.expires_at)::float8 * 1000,
             null, null, null, null, extract(epoch from k.created_at)::float8 * 1000, null, null, true, null
        from wanted join api_keys k using (digest) join workspaces w on w.id = k.workspace_id
    )
    select here.snapshot, found.* from (select pg_current_snapshot()::text as snapshot) here left join found on true`;
  const records = rows.flatMap((row): [string, CredentialRecord][] =>
    isFound(row) ? [[row.digest, toRecord(row)]] : [],
  );
  return { records: new Map(records), snapshot: parseSnapshot(rows[0]?.snapshot ?? '') };
}

/** For connections that look up records and do nothing else. */
export const LOOK_UP_SETTINGS = { plan_cache_mode: 'force_generic_plan', enable_seqscan: 'off', jit: 'off' };

interface EmptyRow {
  readonly digest: null;
  readonly snapshot: string;
}

function isFound(row: Row | EmptyRow): row is Row {
  return row.digest !== null;
}

function toRecord(row: Row): CredentialRecord {
  return row.kind === 'api_key' ? toApiKeyRecord(row) : toTokenRecord(row);
}

function toApiKeyRecord(row: Row): ApiKeyRecord {
  return {
    kind: 'api_key',
    id: compact(idFromUuid('key', row.id)),
    name: row.name,
    workspaceId: workspaceIdOf(row.workspace_id),
    environment: row.environment === 'live' ? 'live' : 'test',
    allowedCidrs: row.allowed_cidrs,
    expiresAt: toDate(row.expires_ms),
    recordsIntrospections: row.records_introspections,
  };
}

/** Memory holds very many of these: what is alike in many of them is shared, and nothing is added to them later. */
function toTokenRecord(row: Row): TokenRecord {
  return {
    kind: 'token',
    id: compact(idFromUuid('tkn', row.id)),
    name: row.name,
    workspaceId: workspaceIdOf(row.workspace_id),
    environment: row.environment === 'live' ? 'live' : 'test',
    recordsIntrospections: row.records_introspections,
    scopes: scopesOf((row.scopes ?? []).join(' ')),
    owner: null,
    role: null,
    projectId: null,
    roleIds: [],
    audience: row.audience,
    metadata: row.metadata === null || Object.keys(row.metadata).length === 0 ? NO_METADATA : row.metadata,
    allowedCidrs: row.allowed_cidrs,
    notBefore: toDate(row.not_before_ms),
    expiresAt: toDate(row.expires_ms),
    issuedAtSeconds: Math.floor(row.created_ms / 1000),
    createdBy: creatorOf(row.created_by ?? 'system'),
    revokedAt: toDate(row.revoked_ms),
    secret: row.is_current ? 'current' : 'previous',
    previousSecretValidUntil: toDate(row.previous_ms),
    builtAnswer: undefined,
    isBuiltInOverlap: false,
  };
}

const MAX_SHARED = 10_000;
const NO_METADATA = Object.freeze({});
const workspaceIdOf = createShared((uuid) => compact(idFromUuid('ws', uuid)), MAX_SHARED);
const creatorOf = createShared((id) => id, MAX_SHARED);
const scopesOf = createShared(
  (list) => effectiveScopes(list.split(' ').filter((scope) => scope !== '') as Scope[]),
  MAX_SHARED,
);

function toDate(ms: number | null): Date | null {
  return ms === null ? null : new Date(Math.round(ms));
}

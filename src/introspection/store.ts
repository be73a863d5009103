import type { Digest } from '../credentials/digest.ts';
import type { Environment } from '../credentials/format.ts';
import type { Database } from '../db/connection.ts';
import { idFromUuid } from '../lib/ids.ts';
import { effectiveScopes, type Scope } from '../tokens/scopes.ts';
import type { CredentialRecord } from './record.ts';

interface Row {
  readonly digest: string;
  readonly kind: 'api_key' | 'token';
  readonly id: string;
  readonly name: string;
  readonly workspace_id: string;
  readonly environment: Environment;
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

/** The records of all `digests` that anyone was ever given, keyed by digest in hex. One prepared statement. */
export async function selectRecords(db: Database, digests: readonly Digest[]): Promise<Map<string, CredentialRecord>> {
  // Look-ups that come together are mostly of the same callers: each digest is looked for, and its row read, once.
  const hexes = [...new Set(digests.map((digest) => digest.toString('hex')))];
  const rows = await db.$client<Row[]>`
    with wanted as (select decode(hex, 'hex') as digest from unnest(${hexes}::text[]) hex)
    select encode(s.digest, 'hex') as digest, 'token' as kind, t.id, t.name, t.workspace_id, t.environment,
           t.allowed_cidrs, extract(epoch from t.expires_at)::float8 * 1000 as expires_ms,
           t.scopes, t.audience, t.metadata, extract(epoch from t.not_before)::float8 * 1000 as not_before_ms,
           extract(epoch from t.created_at)::float8 * 1000 as created_ms,
           t.created_by,
           extract(epoch from t.revoked_at)::float8 * 1000 as revoked_ms,
           s.valid_until is null as is_current,
           extract(epoch from coalesce(s.valid_until,
             (select max(p.valid_until) from token_secrets p where p.token_id = t.id)))::float8 * 1000 as previous_ms
      from wanted join token_secrets s using (digest) join tokens t on t.id = s.token_id
    union all
    select encode(k.digest, 'hex'), 'api_key', k.id, k.name, k.workspace_id, k.environment,
           k.allowed_cidrs, extract(epoch from k.expires_at)::float8 * 1000,
           null, null, null, null, extract(epoch from k.created_at)::float8 * 1000, null, null, true, null
      from wanted join api_keys k using (digest)`;
  return new Map(rows.map((row) => [row.digest, toRecord(row)]));
}

function toRecord(row: Row): CredentialRecord {
  const common = {
    name: row.name,
    workspaceId: idFromUuid('ws', row.workspace_id),
    environment: row.environment,
    allowedCidrs: row.allowed_cidrs,
    expiresAt: toDate(row.expires_ms),
  };
  if (row.kind === 'api_key') return { kind: 'api_key', id: idFromUuid('key', row.id), ...common };
  return {
    kind: 'token',
    id: idFromUuid('tkn', row.id),
    ...common,
    scopes: effectiveScopes(row.scopes ?? []),
    audience: row.audience,
    metadata: row.metadata ?? {},
    notBefore: toDate(row.not_before_ms),
    createdAt: new Date(row.created_ms),
    createdBy: row.created_by ?? 'system',
    revokedAt: toDate(row.revoked_ms),
    secret: row.is_current ? 'current' : 'previous',
    previousSecretValidUntil: toDate(row.previous_ms),
  };
}

function toDate(ms: number | null): Date | null {
  return ms === null ? null : new Date(Math.round(ms));
}

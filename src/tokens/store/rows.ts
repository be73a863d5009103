import type postgres from 'postgres';
import type { Environment } from '../../credentials/format.ts';
import { idFromUuid } from '../../lib/ids.ts';
import type { Scope } from '../scopes.ts';
import type { Token } from '../token.ts';

/** A token as {@link tokenColumns} selects it; instants in milliseconds, whatever date style the server prefers. */
export interface TokenRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly environment: Environment;
  readonly name: string;
  readonly description: string | null;
  readonly hint: string;
  readonly scopes: Scope[];
  readonly audience: string | null;
  readonly metadata: Record<string, unknown>;
  readonly allowed_cidrs: string[] | null;
  readonly not_before: number | null;
  readonly expires_at: number | null;
  readonly created_at: number;
  readonly created_by: string;
  readonly issued_through: string[] | null;
  readonly rotated_at: number | null;
  readonly previous_secret_valid_until: number | null;
  readonly revoked_at: number | null;
  readonly revoked_by: string | null;
  readonly revoke_reason: string | null;
  readonly revision: number;
  readonly last_used_at: number | null;
  readonly last_used_from: string | null;
}

/** What to select from `tokens t left join credential_uses u` to get a {@link TokenRow}. */
export function tokenColumns(sql: postgres.Sql): postgres.PendingQuery<postgres.Row[]> {
  return sql`t.id, t.workspace_id, t.environment, t.name, t.description, t.hint, t.scopes, t.audience, t.metadata,
    t.allowed_cidrs, extract(epoch from t.not_before)::float8 * 1000 as not_before,
    extract(epoch from t.expires_at)::float8 * 1000 as expires_at,
    extract(epoch from t.created_at)::float8 * 1000 as created_at, t.created_by, t.issued_through,
    extract(epoch from t.rotated_at)::float8 * 1000 as rotated_at,
    (select extract(epoch from max(s.valid_until))::float8 * 1000 from token_secrets s where s.token_id = t.id)
      as previous_secret_valid_until,
    extract(epoch from t.revoked_at)::float8 * 1000 as revoked_at, t.revoked_by, t.revoke_reason, t.revision,
    extract(epoch from u.last_used_at)::float8 * 1000 as last_used_at, u.last_used_from`;
}

export function toToken(row: TokenRow): Token {
  return {
    id: idFromUuid('tkn', row.id),
    workspaceId: idFromUuid('ws', row.workspace_id),
    environment: row.environment,
    name: row.name,
    description: row.description,
    hint: row.hint,
    scopes: row.scopes,
    audience: row.audience,
    metadata: row.metadata,
    allowedCidrs: row.allowed_cidrs,
    notBefore: toDate(row.not_before),
    expiresAt: toDate(row.expires_at),
    createdAt: new Date(Math.round(row.created_at)),
    createdBy: row.created_by,
    issuedThrough: (row.issued_through ?? []).map((uuid) => idFromUuid('tkn', uuid)),
    rotatedAt: toDate(row.rotated_at),
    previousSecretValidUntil: toDate(row.previous_secret_valid_until),
    revokedAt: toDate(row.revoked_at),
    revokedBy: row.revoked_by,
    revokeReason: row.revoke_reason,
    revision: row.revision,
    lastUsedAt: toDate(row.last_used_at),
    lastUsedFrom: row.last_used_from,
  };
}

function toDate(ms: number | null): Date | null {
  return ms === null ? null : new Date(Math.round(ms));
}

import type postgres from 'postgres';
import type { Environment } from '../../credentials/format.ts';
import type { AccessLevel } from '../../identity/access-level.ts';
import type { Owner } from '../../identity/members/store.ts';
import { effectiveScopes, type Scope } from '../../identity/scopes.ts';
import { idFromUuid } from '../../lib/ids.ts';
import type { Token, TokenRole } from '../token.ts';

/** A token as {@link tokenColumns} selects it; instants in milliseconds, whatever date style the server prefers. */
export interface TokenRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly environment: Environment;
  readonly name: string;
  readonly description: string | null;
  readonly hint: string;
  readonly scopes: Scope[];
  readonly role_id: string | null;
  readonly role_name: string | null;
  readonly role_scopes: Scope[] | null;
  readonly owner_id: string | null;
  readonly owner_name: string | null;
  readonly owner_access: AccessLevel | null;
  readonly owner_is_removed: boolean | null;
  readonly owner_scopes: Scope[] | null;
  readonly project_id: string | null;
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
  readonly previous_secret_uses: readonly PreviousUseRow[] | null;
}

interface PreviousUseRow {
  readonly introspector_id: string | null;
  readonly source: string | null;
  readonly last_used_at: number;
  readonly uses: number;
}

/** Everything that {@link tokenColumns} selects from beside `tokens t`, each by its key. */
export function tokenJoins(sql: postgres.Sql): postgres.PendingQuery<postgres.Row[]> {
  return sql`left join credential_uses u on u.credential_id = t.id
    left join roles r on r.id = t.role_id
    left join members m on m.id = t.owner_id`;
}

/** What to select from `tokens t` and {@link tokenJoins} to get a {@link TokenRow}. */
export function tokenColumns(sql: postgres.Sql): postgres.PendingQuery<postgres.Row[]> {
  return sql`t.id, t.workspace_id, t.environment, t.name, t.description, t.hint, t.scopes,
    t.role_id, r.name as role_name, r.scopes as role_scopes,
    t.owner_id, m.name as owner_name, m.access as owner_access, m.removed_at is not null as owner_is_removed,
    case when t.owner_id is not null then array(
      select distinct scope from member_roles mr join roles o on o.id = mr.role_id, unnest(o.scopes) as scope
      where mr.member_id = t.owner_id) end as owner_scopes,
    t.project_id, t.audience, t.metadata,
    t.allowed_cidrs, extract(epoch from t.not_before)::float8 * 1000 as not_before,
    extract(epoch from t.expires_at)::float8 * 1000 as expires_at,
    extract(epoch from t.created_at)::float8 * 1000 as created_at, t.created_by, t.issued_through,
    extract(epoch from t.rotated_at)::float8 * 1000 as rotated_at,
    (select extract(epoch from max(s.valid_until))::float8 * 1000 from token_secrets s where s.token_id = t.id)
      as previous_secret_valid_until,
    extract(epoch from t.revoked_at)::float8 * 1000 as revoked_at, t.revoked_by, t.revoke_reason, t.revision,
    extract(epoch from u.last_used_at)::float8 * 1000 as last_used_at, u.last_used_from,
    ${previousSecretUses(sql)} as previous_secret_uses`;
}

/**
 * Counted by the hour, of which the one of the rotation may have begun before it. Those who were refused with the secret
 * are not told: nothing would break for them.
 */
function previousSecretUses(sql: postgres.Sql): postgres.PendingQuery<postgres.Row[]> {
  return sql`(
    select jsonb_agg(to_jsonb(latest) order by latest.last_used_at desc) from (
      select p.introspector_id, p.source, extract(epoch from max(p.last_used_at))::float8 * 1000 as last_used_at,
        sum(p.uses)::float8 as uses
      from token_usage p
      where p.token_id = t.id and p.secret = 'previous' and p.bucket_seconds = 3600
        and p.starts_at > t.rotated_at - interval '1 hour' and p.last_used_at >= t.rotated_at
        and p.outcome in ('active', 'missing_scope')
      group by p.introspector_id, p.source
      order by 3 desc limit 20
    ) as latest)`;
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
    role: toRole(row),
    owner: toOwner(row),
    projectId: row.project_id === null ? null : idFromUuid('prj', row.project_id),
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
    previousSecretUses: (row.previous_secret_uses ?? []).map((use) => ({
      introspectorId: use.introspector_id,
      source: use.source,
      lastUsedAt: new Date(Math.round(use.last_used_at)),
      count: use.uses,
    })),
  };
}

function toRole({ role_id: id, role_name: name, role_scopes: scopes }: TokenRow): TokenRole | null {
  if (id === null || name === null || scopes === null) return null;
  return { id: idFromUuid('role', id), name, scopes };
}

function toOwner({ owner_id: id, owner_name: name, owner_access: access, ...row }: TokenRow): Owner | null {
  if (id === null || name === null || access === null) return null;
  const scopes = effectiveScopes(row.owner_scopes ?? []);
  return { id: idFromUuid('usr', id), name, access, scopes, isRemoved: row.owner_is_removed === true };
}

function toDate(ms: number | null): Date | null {
  return ms === null ? null : new Date(Math.round(ms));
}

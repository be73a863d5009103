import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { effectiveScopes, type Scope } from '../../identity/scopes.ts';
import { idFromUuid, idToUuid, type TokenId } from '../../lib/ids.ts';
import type { Reach } from '../authority.ts';

export interface Revocation {
  readonly revokedAt: Date;
  readonly revokedBy: string;
  readonly reason: string | null;
}

/** What is said of a revoked token, and what judging the authority over it takes. */
export interface RevokedToken extends Reach {
  readonly id: TokenId;
  readonly name: string;
}

/** Marks tokens as revoked that are not yet, and returns those. Locks them in the order given. */
export async function markRevoked(
  tx: Transaction,
  ids: readonly TokenId[],
  { revokedAt, revokedBy, reason }: Revocation,
): Promise<RevokedToken[]> {
  const sql = clientOf(tx);
  const rows = await sql<RevokedRow[]>`
    with locked as (
      select id from tokens where id = any(${ids.map((id) => idToUuid(id))}::uuid[]) and revoked_at is null
      order by id for no key update
    )
    update tokens t set revoked_at = ${revokedAt.toISOString()}, revoked_by = ${revokedBy}, revoke_reason = ${reason},
      revision = revision + 1
    from locked where t.id = locked.id
    returning t.id, t.name, ${reachColumns(sql)}`;
  return rows.map((row) => ({ id: idFromUuid('tkn', row.id), name: row.name, ...toReach(row) }));
}

interface RevokedRow extends ReachRow {
  readonly id: string;
  readonly name: string;
}

interface ReachRow {
  readonly scopes: Scope[];
  readonly role_scopes: Scope[] | null;
  readonly owner_id: string | null;
  readonly project_id: string | null;
  readonly audience: string | null;
  readonly allowed_cidrs: string[] | null;
  readonly expires_at: number | null;
}

/** Of the table `tokens t`. */
function reachColumns(sql: ReturnType<typeof clientOf>) {
  return sql`t.scopes, (select r.scopes from roles r where r.id = t.role_id) as role_scopes, t.owner_id, t.project_id,
    t.audience, t.allowed_cidrs, extract(epoch from t.expires_at)::float8 * 1000 as expires_at`;
}

function toReach(row: ReachRow): Reach {
  return {
    scopes: effectiveScopes([...row.scopes, ...(row.role_scopes ?? [])]),
    ownerId: row.owner_id === null ? null : idFromUuid('usr', row.owner_id),
    projectId: row.project_id === null ? null : idFromUuid('prj', row.project_id),
    audience: row.audience,
    allowedCidrs: row.allowed_cidrs,
    expiresAt: row.expires_at === null ? null : new Date(Math.round(row.expires_at)),
  };
}

/** How far the unrevoked descendants of `id` reach: each reach once, however many tokens have it. */
export async function selectDescendantReaches(tx: Transaction, id: TokenId): Promise<Reach[]> {
  const sql = clientOf(tx);
  const rows = await sql<ReachRow[]>`
    select distinct ${reachColumns(sql)}
    from tokens t where t.issued_through @> array[${idToUuid(id)}]::uuid[] and t.revoked_at is null`;
  return rows.map(toReach);
}

/** All tokens that descend from `id` and are not revoked, the oldest first. */
export async function selectUnrevokedDescendants(executor: Database | Transaction, id: TokenId): Promise<TokenId[]> {
  const rows = await clientOf(executor)<{ id: string }[]>`
    select id from tokens where issued_through @> array[${idToUuid(id)}]::uuid[] and revoked_at is null order by id`;
  return rows.map((row) => idFromUuid('tkn', row.id));
}

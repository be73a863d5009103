import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import type { Scope } from '../../identity/scopes.ts';
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
  const rows = await clientOf(tx)<RevokedRow[]>`
    with locked as (
      select id from tokens where id = any(${ids.map((id) => idToUuid(id))}::uuid[]) and revoked_at is null
      order by id for no key update
    )
    update tokens t set revoked_at = ${revokedAt.toISOString()}, revoked_by = ${revokedBy}, revoke_reason = ${reason},
      revision = revision + 1
    from locked where t.id = locked.id
    returning t.id, t.name, t.scopes, t.audience, t.allowed_cidrs, extract(epoch from t.expires_at)::float8 * 1000
      as expires_at`;
  return rows.map((row) => ({ id: idFromUuid('tkn', row.id), name: row.name, ...toReach(row) }));
}

interface RevokedRow extends ReachRow {
  readonly id: string;
  readonly name: string;
}

interface ReachRow {
  readonly scopes: Scope[];
  readonly audience: string | null;
  readonly allowed_cidrs: string[] | null;
  readonly expires_at: number | null;
}

function toReach({ scopes, audience, allowed_cidrs: allowedCidrs, expires_at }: ReachRow): Reach {
  return { scopes, audience, allowedCidrs, expiresAt: expires_at === null ? null : new Date(Math.round(expires_at)) };
}

/** How far the unrevoked descendants of `id` reach: each reach once, however many tokens have it. */
export async function selectDescendantReaches(tx: Transaction, id: TokenId): Promise<Reach[]> {
  const rows = await clientOf(tx)<ReachRow[]>`
    select distinct scopes, audience, allowed_cidrs, extract(epoch from expires_at)::float8 * 1000 as expires_at
    from tokens where issued_through @> array[${idToUuid(id)}]::uuid[] and revoked_at is null`;
  return rows.map(toReach);
}

/** All tokens that descend from `id` and are not revoked, the oldest first. */
export async function selectUnrevokedDescendants(executor: Database | Transaction, id: TokenId): Promise<TokenId[]> {
  const rows = await clientOf(executor)<{ id: string }[]>`
    select id from tokens where issued_through @> array[${idToUuid(id)}]::uuid[] and revoked_at is null order by id`;
  return rows.map((row) => idFromUuid('tkn', row.id));
}

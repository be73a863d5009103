import type { Digest } from '../../credentials/digest.ts';
import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { idToUuid, type TokenId } from '../../lib/ids.ts';
import type { Realm } from '../realm.ts';
import type { Token } from '../token.ts';
import { inRealm } from './realm.ts';
import { type TokenRow, tokenColumns, tokenJoins, toToken } from './rows.ts';

export interface NewToken {
  readonly token: Token;
  readonly digest: Digest;
}

/** Inserts tokens with their first secrets, any number in one statement with one parameter. */
export async function insertTokens(tx: Transaction, tokens: readonly NewToken[]): Promise<void> {
  const rows = tokens.map(({ token, digest }) => ({
    id: idToUuid(token.id),
    workspace_id: idToUuid(token.workspaceId),
    environment: token.environment,
    name: token.name,
    description: token.description,
    hint: token.hint,
    scopes: token.scopes,
    // Most have none of these, and what is absent is null.
    ...(token.role !== null && { role_id: idToUuid(token.role.id) }),
    ...(token.owner !== null && { owner_id: idToUuid(token.owner.id) }),
    ...(token.projectId !== null && { project_id: idToUuid(token.projectId) }),
    audience: token.audience,
    metadata: token.metadata,
    allowed_cidrs: token.allowedCidrs,
    not_before: token.notBefore,
    expires_at: token.expiresAt,
    created_at: token.createdAt,
    created_by: token.createdBy,
    issued_through: token.issuedThrough.length === 0 ? null : token.issuedThrough.map((id) => idToUuid(id)),
    digest: digest.toString('hex'),
  }));
  await clientOf(tx)`
    with issued as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as row (
        id uuid, workspace_id uuid, environment text, name text, description text, hint text, scopes text[],
        role_id uuid, owner_id uuid, project_id uuid, audience text, metadata jsonb, allowed_cidrs text[],
        not_before timestamptz, expires_at timestamptz, created_at timestamptz, created_by text, issued_through uuid[], digest text)
    ), inserted as (
      insert into tokens (id, workspace_id, environment, name, description, hint, scopes, role_id, owner_id, project_id,
        audience, metadata, allowed_cidrs, not_before, expires_at, created_at, created_by, issued_through)
      select id, workspace_id, environment, name, description, hint, scopes, role_id, owner_id, project_id,
        audience, metadata, allowed_cidrs, not_before, expires_at, created_at, created_by, issued_through
      from issued
    )
    insert into token_secrets (digest, token_id, created_at)
    select decode(digest, 'hex'), id, created_at from issued`;
}

/** The token, if it exists in that realm. */
export async function selectToken(
  executor: Database | Transaction,
  realm: Realm,
  id: TokenId,
): Promise<Token | undefined> {
  const sql = clientOf(executor);
  const [row] = await sql<TokenRow[]>`
    select ${tokenColumns(sql)} from tokens t ${tokenJoins(sql)}
    where t.id = ${idToUuid(id)} and ${inRealm(sql, realm)}`;
  return row && toToken(row);
}

/**
 * Locks a token's row until the transaction ends, if it exists in that realm: for `changing` it, or for `relying` on its
 * staying as it is, which several may do at once. Read the row in a statement of its own afterwards: this one may have
 * waited for a change that its snapshot does not show.
 */
export async function lockToken(
  tx: Transaction,
  realm: Realm,
  id: TokenId,
  purpose: 'changing' | 'relying',
): Promise<void> {
  const sql = clientOf(tx);
  const strength = purpose === 'relying' ? sql`for share` : sql`for no key update`;
  await sql`select from tokens t where t.id = ${idToUuid(id)} and ${inRealm(sql, realm)} ${strength}`;
}

/** Writes the fields that a change may touch, and counts the revision. */
export async function updateToken(tx: Transaction, token: Token): Promise<void> {
  await clientOf(tx)`
    update tokens set name = ${token.name}, description = ${token.description}, hint = ${token.hint},
      scopes = ${[...token.scopes]}::text[], role_id = ${token.role && idToUuid(token.role.id)}::uuid,
      owner_id = ${token.owner && idToUuid(token.owner.id)}::uuid,
      project_id = ${token.projectId && idToUuid(token.projectId)}::uuid,
      metadata = ${JSON.stringify(token.metadata)}::text::jsonb,
      allowed_cidrs = ${token.allowedCidrs && [...token.allowedCidrs]}::text[],
      expires_at = ${token.expiresAt?.toISOString() ?? null}::timestamptz,
      rotated_at = ${token.rotatedAt?.toISOString() ?? null}::timestamptz, revision = ${token.revision}
    where id = ${idToUuid(token.id)}`;
}

/**
 * Removes a token with its secrets, its last use and where it came from; how often it was used stays told. In the order
 * in which uses are written, so that neither waits for the other in a circle.
 */
export async function deleteToken(tx: Transaction, id: TokenId): Promise<void> {
  const sql = clientOf(tx);
  const uuid = idToUuid(id);
  await sql`delete from credential_uses where credential_id = ${uuid}`;
  await sql`delete from token_sources where token_id = ${uuid}`;
  await sql`delete from tokens where id = ${uuid}`;
}

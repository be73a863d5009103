import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';
import { containing } from '../../db/like.ts';
import { idToUuid, type MemberId, type ProjectId, type RoleId } from '../../lib/ids.ts';
import type { ListPosition } from '../../lib/page.ts';
import type { Realm } from '../realm.ts';
import type { Token, TokenStatus } from '../token.ts';
import { inRealm } from './realm.ts';
import { type TokenRow, tokenColumns, tokenJoins, toToken } from './rows.ts';

/** What a list of tokens is narrowed down to; every filter given has to hold. */
export interface TokenFilters {
  /** A part of the name, in any case. */
  readonly name?: string;
  readonly statuses?: readonly TokenStatus[];
  /** Tokens that have any of these, by themselves or by their role, and whose owner's roles have any of them too. */
  readonly anyOfScopes?: readonly string[];
  readonly roleId?: RoleId;
  readonly ownerId?: MemberId;
  readonly projectId?: ProjectId;
  readonly createdBy?: string;
  readonly expiresBefore?: Date;
  /** Neither used nor issued since then. */
  readonly unusedSince?: Date;
}

/**
 * Up to `limit` tokens, newest first, after `position`. The page is found by ids alone, so that an index which holds
 * all that is asked about can answer without the rows; then the rows of the page are read.
 */
export async function selectTokenPage(
  db: Database,
  realm: Realm,
  filters: TokenFilters,
  page: { readonly limit: number; readonly position: ListPosition | undefined; readonly now: Date },
): Promise<Token[]> {
  const sql = clientOf(db);
  const { position, limit } = page;
  const conditions = [
    inRealm(sql, realm),
    ...(position === undefined
      ? []
      : [sql`(t.created_at, t.id) < (${position.createdAt.toISOString()}::timestamptz, ${position.uuid}::uuid)`]),
    ...filterConditions(sql, realm, filters, page.now),
  ];
  const rows = await sql<TokenRow[]>`
    with page as (
      select t.id from tokens t where ${conditions.reduce((all, one) => sql`${all} and ${one}`)}
      order by t.created_at desc, t.id desc limit ${limit}
    )
    select ${tokenColumns(sql)} from page join tokens t using (id) ${tokenJoins(sql)}
    order by t.created_at desc, t.id desc`;
  return rows.map(toToken);
}

type Sql = ReturnType<typeof clientOf>;

function filterConditions(sql: Sql, realm: Realm, filters: TokenFilters, now: Date) {
  const { name, statuses, anyOfScopes, roleId, ownerId, projectId, createdBy, expiresBefore, unusedSince } = filters;
  return [
    name !== undefined && sql`t.name ilike ${containing(name)}`,
    statuses !== undefined &&
      sql`(${anyOf(
        sql,
        statuses.map((status) => statusCondition(sql, status, now)),
      )})`,
    anyOfScopes !== undefined && scopeCondition(sql, realm, anyOfScopes),
    roleId !== undefined && sql`t.role_id = ${idToUuid(roleId)}`,
    ownerId !== undefined && sql`t.owner_id = ${idToUuid(ownerId)}`,
    projectId !== undefined && sql`t.project_id = ${idToUuid(projectId)}`,
    createdBy !== undefined && sql`t.created_by = ${createdBy}`,
    expiresBefore !== undefined && sql`t.expires_at < ${expiresBefore.toISOString()}::timestamptz`,
    unusedSince !== undefined &&
      sql`t.created_at < ${unusedSince.toISOString()}::timestamptz and not exists (
        select from credential_uses u
        where u.credential_id = t.id and u.last_used_at >= ${unusedSince.toISOString()}::timestamptz)`,
  ].filter((condition) => condition !== false);
}

function anyOf(sql: Sql, conditions: readonly ReturnType<typeof statusCondition>[]) {
  return conditions.reduce((any, one) => sql`${any} or ${one}`, sql`false`);
}

/** Roles are few and looked up first, so that indexes find the tokens of a scope that few have. */
function scopeCondition(sql: Sql, { workspaceId }: Realm, anyOfScopes: readonly string[]) {
  const wanted = sql`${[...anyOfScopes]}::text[]`;
  return sql`(t.scopes && ${wanted} or t.role_id = any(array(
      select r.id from roles r where r.workspace_id = ${idToUuid(workspaceId)} and r.scopes && ${wanted})))
    and (t.owner_id is null or exists (
      select from members m join member_roles mr on mr.member_id = m.id join roles r on r.id = mr.role_id
      where m.id = t.owner_id and m.removed_at is null and r.scopes && ${wanted}))`;
}

/** {@link statusOf}, in SQL. */
export function statusCondition(sql: Sql, status: TokenStatus, instant: Date) {
  const now = instant.toISOString();
  const isUnexpired = sql`(t.expires_at is null or t.expires_at > ${now}::timestamptz)`;
  switch (status) {
    case 'revoked':
      return sql`t.revoked_at is not null`;
    case 'expired':
      return sql`t.revoked_at is null and t.expires_at <= ${now}::timestamptz`;
    case 'not_yet_valid':
      return sql`t.revoked_at is null and ${isUnexpired} and t.not_before > ${now}::timestamptz`;
    case 'active':
      return sql`t.revoked_at is null and ${isUnexpired}
        and (t.not_before is null or t.not_before <= ${now}::timestamptz)`;
  }
}

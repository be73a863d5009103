import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';
import { containing } from '../../db/like.ts';
import { idToUuid } from '../../lib/ids.ts';
import type { ListPosition } from '../../lib/page.ts';
import type { Realm, Token, TokenStatus } from '../token.ts';
import { type TokenRow, tokenColumns, toToken } from './rows.ts';

/** What a list of tokens is narrowed down to; every filter given has to hold. */
export interface TokenFilters {
  /** A part of the name, in any case. */
  readonly name?: string;
  readonly statuses?: readonly TokenStatus[];
  /** Tokens that have any of these, as granted. */
  readonly anyOfScopes?: readonly string[];
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
    sql`t.workspace_id = ${idToUuid(realm.workspaceId)}`,
    sql`t.environment = ${realm.environment}`,
    ...(position === undefined
      ? []
      : [sql`(t.created_at, t.id) < (${position.createdAt.toISOString()}::timestamptz, ${position.uuid}::uuid)`]),
    ...filterConditions(sql, filters, page.now),
  ];
  const rows = await sql<TokenRow[]>`
    with page as (
      select t.id from tokens t where ${conditions.reduce((all, one) => sql`${all} and ${one}`)}
      order by t.created_at desc, t.id desc limit ${limit}
    )
    select ${tokenColumns(sql)} from page join tokens t using (id) left join credential_uses u on u.credential_id = t.id
    order by t.created_at desc, t.id desc`;
  return rows.map(toToken);
}

type Sql = ReturnType<typeof clientOf>;

function filterConditions(sql: Sql, filters: TokenFilters, now: Date) {
  const { name, statuses, anyOfScopes, createdBy, expiresBefore, unusedSince } = filters;
  return [
    name !== undefined && sql`t.name ilike ${containing(name)}`,
    statuses !== undefined &&
      sql`(${anyOf(
        sql,
        statuses.map((status) => statusCondition(sql, status, now)),
      )})`,
    anyOfScopes !== undefined && sql`t.scopes && ${[...anyOfScopes]}::text[]`,
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

/** {@link statusOf}, in SQL. */
function statusCondition(sql: Sql, status: TokenStatus, instant: Date) {
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

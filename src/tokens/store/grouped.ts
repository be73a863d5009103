import type { Environment } from '../../credentials/format.ts';
import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { idFromUuid, idToUuid, type ProjectId, type RoleId, type TokenId, type WorkspaceId } from '../../lib/ids.ts';
import type { ListPosition } from '../../lib/page.ts';

/** The tokens of a workspace that carry a role or are in a project. */
export interface TokenGroup {
  readonly workspaceId: WorkspaceId;
  readonly column: 'role_id' | 'project_id';
  readonly id: RoleId | ProjectId;
}

/** How many of them are neither revoked nor expired; no more than `limit` are counted. */
export async function countLive(executor: Database | Transaction, group: TokenGroup, now: Date, limit: number) {
  const sql = clientOf(executor);
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from (
      select from tokens t where ${belongs(sql, group)} and ${isLive(sql, now)} limit ${limit}) live`;
  return row?.count ?? 0;
}

/**
 * Takes up to `limit` of them that are revoked or expired out of the group, and says how many. Those that somebody else is
 * about to change are left.
 */
export async function releaseFinished(db: Database, group: TokenGroup, now: Date, limit: number): Promise<number> {
  const sql = clientOf(db);
  const { count } = await sql`
    with finished as (
      select t.id from tokens t where ${belongs(sql, group)} and not ${isLive(sql, now)}
      limit ${limit} for no key update skip locked
    )
    update tokens t set ${sql(group.column)} = null from finished where t.id = finished.id`;
  return count;
}

/** A token, and its place in the order from the oldest on. */
export interface PlacedToken {
  readonly id: TokenId;
  readonly position: ListPosition;
}

/** Up to `limit` of them that are neither revoked nor expired, the oldest first, after `position`. */
export async function selectLive(
  executor: Database | Transaction,
  group: TokenGroup & { readonly environment: Environment },
  page: { readonly now: Date; readonly limit: number; readonly position: ListPosition | undefined },
): Promise<PlacedToken[]> {
  const { now, limit, position } = page;
  const sql = clientOf(executor);
  const after =
    position === undefined
      ? sql``
      : sql`and (t.created_at, t.id) > (${position.createdAt.toISOString()}::timestamptz, ${position.uuid}::uuid)`;
  const rows = await sql<{ id: string; created_at: number }[]>`
    select t.id, extract(epoch from t.created_at)::float8 * 1000 as created_at from tokens t
    where ${belongs(sql, group)} and t.environment = ${group.environment} and ${isLive(sql, now)} ${after}
    order by t.created_at, t.id limit ${limit}`;
  return rows.map(({ id, created_at }) => ({
    id: idFromUuid('tkn', id),
    position: { createdAt: new Date(Math.round(created_at)), uuid: id },
  }));
}

type Sql = ReturnType<typeof clientOf>;

function belongs(sql: Sql, { workspaceId, column, id }: TokenGroup) {
  return sql`t.workspace_id = ${idToUuid(workspaceId)} and t.${sql(column)} = ${idToUuid(id)}`;
}

function isLive(sql: Sql, now: Date) {
  return sql`(t.revoked_at is null and (t.expires_at is null or t.expires_at > ${now.toISOString()}::timestamptz))`;
}

import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { idFromUuid, idToUuid, type RoleId, type WorkspaceId } from '../../lib/ids.ts';

/** How many members hold the role; no more than `limit` are counted. Those who were removed hold nothing. */
export async function countHolders(executor: Database | Transaction, id: RoleId, limit: number): Promise<number> {
  const [row] = await clientOf(executor)<{ count: number }[]>`
    select count(*)::int as count from (
      select from member_roles r join members m on m.id = r.member_id and m.removed_at is null
      where r.role_id = ${idToUuid(id)} limit ${limit}) holders`;
  return row?.count ?? 0;
}

/** How many members hold each of some roles of a workspace; those that nobody holds are not in the answer. */
export async function selectHolderCounts(
  db: Database,
  workspaceId: WorkspaceId,
  ids: readonly RoleId[],
): Promise<Map<RoleId, number>> {
  const rows = await clientOf(db)<{ role_id: string; count: number }[]>`
    select r.role_id, count(*)::int as count
    from member_roles r join members m on m.id = r.member_id and m.removed_at is null
    where r.workspace_id = ${idToUuid(workspaceId)} and r.role_id = any(${ids.map((id) => idToUuid(id))}::uuid[])
    group by r.role_id`;
  return new Map(rows.map(({ role_id, count }) => [idFromUuid('role', role_id), count]));
}

/** How many roles of a workspace were given each of some scopes; those that none was given are not in the answer. */
export async function selectRoleCounts(
  db: Database,
  workspaceId: WorkspaceId,
  scopes: readonly string[],
): Promise<Map<string, number>> {
  const rows = await clientOf(db)<{ scope: string; count: number }[]>`
    select granted.scope, count(*)::int as count from roles r cross join unnest(r.scopes) as granted (scope)
    where r.workspace_id = ${idToUuid(workspaceId)} and granted.scope = any(${[...scopes]}::text[])
    group by granted.scope`;
  return new Map(rows.map(({ scope, count }) => [scope, count]));
}

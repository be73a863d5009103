import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { type GroupId, idFromUuid, idToUuid, type MemberId, type WorkspaceId } from '../../lib/ids.ts';

/** Up to `limit` members of the group, removed ones included. */
export async function selectMembersOf(tx: Transaction, id: GroupId, limit: number): Promise<MemberId[]> {
  const rows = await clientOf(tx)<{ member_id: string }[]>`
    select member_id from member_groups where group_id = ${idToUuid(id)} limit ${limit}`;
  return rows.map((row) => idFromUuid('usr', row.member_id));
}

/** How many members the group has. */
export async function countMembersOf(tx: Transaction, id: GroupId): Promise<number> {
  const [row] = await clientOf(tx)<{ count: number }[]>`
    select count(*)::int as count from member_groups g join members m on m.id = g.member_id and m.removed_at is null
    where g.group_id = ${idToUuid(id)}`;
  return row?.count ?? 0;
}

/** How many members those of `ids` have that are groups of the workspace, removed ones aside. */
export async function countMembersOfEach(
  db: Database,
  workspaceId: WorkspaceId,
  ids: readonly GroupId[],
): Promise<ReadonlyMap<GroupId, number>> {
  const rows = await clientOf(db)<{ group_id: string; count: number }[]>`
    select g.group_id, count(*)::int as count
    from member_groups g join members m on m.id = g.member_id and m.removed_at is null
    where g.workspace_id = ${idToUuid(workspaceId)} and g.group_id = any(${ids.map((id) => idToUuid(id))}::uuid[])
    group by g.group_id`;
  return new Map(rows.map(({ group_id, count }) => [idFromUuid('grp', group_id), count]));
}

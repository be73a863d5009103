import { clientOf } from '../../db/client.ts';
import type { Transaction } from '../../db/connection.ts';
import { type GroupId, idFromUuid, idToUuid, type MemberId } from '../../lib/ids.ts';

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

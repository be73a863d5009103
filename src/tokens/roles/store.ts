import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { idToUuid, type RoleId } from '../../lib/ids.ts';

/** How many members hold the role; no more than `limit` are counted. Those who were removed hold nothing. */
export async function countHolders(executor: Database | Transaction, id: RoleId, limit: number): Promise<number> {
  const [row] = await clientOf(executor)<{ count: number }[]>`
    select count(*)::int as count from (
      select from member_roles r join members m on m.id = r.member_id and m.removed_at is null
      where r.role_id = ${idToUuid(id)} limit ${limit}) holders`;
  return row?.count ?? 0;
}

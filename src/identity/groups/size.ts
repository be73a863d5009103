import type { Database } from '../../db/connection.ts';
import type { GroupId } from '../../lib/ids.ts';
import type { Caller } from '../principal.ts';
import { countMembersOfEach } from './store.ts';

/** How many members each of these groups of the caller's workspace has. */
export async function sizesOf(
  { db }: { readonly db: Database },
  { principal }: Caller,
  ids: readonly GroupId[],
): Promise<(id: GroupId) => number> {
  const counts = await countMembersOfEach(db, principal.workspaceId, ids);
  return (id) => counts.get(id) ?? 0;
}

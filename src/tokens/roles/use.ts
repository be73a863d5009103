import type { Database } from '../../db/connection.ts';
import type { Caller } from '../../identity/principal.ts';
import type { RoleId } from '../../lib/ids.ts';
import { selectHolderCounts, selectRoleCounts } from './store.ts';

/** How many members of the caller's workspace hold each of `ids`; none where it has no entry. */
export function countHoldersOf(
  { db }: { readonly db: Database },
  { principal }: Caller,
  ids: readonly RoleId[],
): Promise<ReadonlyMap<RoleId, number>> {
  return selectHolderCounts(db, principal.workspaceId, ids);
}

/** How many roles of the caller's workspace were given each of `scopes` by name; none where it has no entry. */
export function countRolesWith(
  { db }: { readonly db: Database },
  { principal }: Caller,
  scopes: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  return selectRoleCounts(db, principal.workspaceId, scopes);
}

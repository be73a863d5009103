import { clientOf } from '../../db/client.ts';
import type { Transaction } from '../../db/connection.ts';
import { type GroupId, idFromUuid, idToUuid, type RoleId, type WorkspaceId } from '../../lib/ids.ts';
import type { NamedGroup, NamedRole } from './member.ts';

/** Those of `ids` that are roles of the workspace, by name. They cannot be deleted until the transaction ends. */
export async function holdRoles(
  tx: Transaction,
  workspaceId: WorkspaceId,
  ids: readonly RoleId[],
): Promise<NamedRole[]> {
  const rows = await clientOf(tx)<{ id: string; name: string }[]>`
    select id, name from roles where workspace_id = ${idToUuid(workspaceId)} and id = any(${ids.map(idToUuid)}::uuid[])
    order by id for key share`;
  return rows.map(({ id, name }) => ({ id: idFromUuid('role', id), name })).sort(byName);
}

/** The same for groups. */
export async function holdGroups(
  tx: Transaction,
  workspaceId: WorkspaceId,
  ids: readonly GroupId[],
): Promise<NamedGroup[]> {
  const rows = await clientOf(tx)<{ id: string; name: string }[]>`
    select id, name from visibility_groups
    where workspace_id = ${idToUuid(workspaceId)} and id = any(${ids.map(idToUuid)}::uuid[]) order by id for key share`;
  return rows.map(({ id, name }) => ({ id: idFromUuid('grp', id), name })).sort(byName);
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

import { clientOf } from '../../db/client.ts';
import type { Transaction } from '../../db/connection.ts';
import { type Owner, selectOwner } from '../../identity/members/store.ts';
import { idToUuid, type MemberId, type RoleId, type WorkspaceId } from '../../lib/ids.ts';

/**
 * What the rights of tokens rest on, locked so that it stays as it is until the transaction ends. Several may rely on it at
 * once; whoever removes a member or changes its access or roles waits. Members come before roles.
 */

/** The member with what its roles grant, removed or not; undefined if the workspace has none of that id. */
export async function lockOwner(tx: Transaction, workspaceId: WorkspaceId, id: MemberId): Promise<Owner | undefined> {
  // Each is sent at once and sees what those before it waited for; the roles are those of the locked member.
  const [, , owner] = await Promise.all([
    lockMemberRow(tx, workspaceId, id),
    lockRoleRows(tx, { roleId: null, ownerId: id }),
    selectOwner(tx, workspaceId, id),
  ]);
  return owner;
}

/** Locks a token's role, its owner and the roles of that. */
export async function lockRights(
  tx: Transaction,
  workspaceId: WorkspaceId,
  rights: { readonly roleId: RoleId | null; readonly ownerId: MemberId | null },
): Promise<void> {
  await Promise.all([
    rights.ownerId === null ? undefined : lockMemberRow(tx, workspaceId, rights.ownerId),
    lockRoleRows(tx, rights),
  ]);
}

/** Whether the member holds the role. */
export async function holdsRole(tx: Transaction, memberId: MemberId, roleId: RoleId): Promise<boolean> {
  const { count } = await clientOf(tx)`
    select from member_roles where member_id = ${idToUuid(memberId)} and role_id = ${idToUuid(roleId)}`;
  return count === 1;
}

async function lockMemberRow(tx: Transaction, workspaceId: WorkspaceId, id: MemberId): Promise<void> {
  await clientOf(tx)`
    select from members where id = ${idToUuid(id)} and workspace_id = ${idToUuid(workspaceId)} for share`;
}

async function lockRoleRows(
  tx: Transaction,
  { roleId, ownerId }: { readonly roleId: RoleId | null; readonly ownerId: MemberId | null },
): Promise<void> {
  await clientOf(tx)`
    select from roles where id = any(${roleId && idToUuid(roleId)}::uuid
      || array(select role_id from member_roles where member_id = ${ownerId && idToUuid(ownerId)}::uuid))
    order by id for share`;
}

import { clientOf } from '../../db/client.ts';
import type { Transaction } from '../../db/connection.ts';
import { type GroupId, idToUuid, type MemberId, type RoleId, type WorkspaceId } from '../../lib/ids.ts';
import type { CounterKey } from '../sign-in/keys.ts';
import type { Member } from './member.ts';

/** Writes of members, all under the lock of the workspace. Replicas learn of them from the database itself. */

/** The index that keeps an email address from being two members of one workspace. */
export const MEMBER_EMAIL = 'members_email';

export async function insertMember(tx: Transaction, member: Member): Promise<void> {
  const { id, workspaceId, email, name, access, canSignIn, createdAt, createdBy, roles, groups } = member;
  await clientOf(tx)`
    insert into members (id, workspace_id, email, name, access, can_sign_in, created_at, created_by)
    values (${idToUuid(id)}, ${idToUuid(workspaceId)}, ${email}, ${name}, ${access}, ${canSignIn},
      ${createdAt.toISOString()}, ${createdBy})`;
  await addRoles(
    tx,
    member,
    roles.map((role) => role.id),
  );
  await addGroups(
    tx,
    member,
    groups.map((group) => group.id),
  );
}

/** Writes what of a member can be changed, but its roles and groups. */
export async function updateMember(tx: Transaction, { id, name, email, access, revision }: Member): Promise<void> {
  await clientOf(tx)`
    update members set name = ${name}, email = ${email}, access = ${access}, revision = ${revision}
    where id = ${idToUuid(id)}`;
}

/** Sets a password that was chosen by a link, and what goes with it. */
export async function updatePassword(
  tx: Transaction,
  { id, name, email, joinedAt, revision }: Member,
  { hash, changedAt }: { readonly hash: string; readonly changedAt: Date },
): Promise<void> {
  await clientOf(tx)`
    update members set password_hash = ${hash}, password_changed_at = ${changedAt.toISOString()}, name = ${name},
      email = ${email}, joined_at = ${joinedAt?.toISOString() ?? null}, revision = ${revision}
    where id = ${idToUuid(id)}`;
}

/** What a removed member leaves: its name, for those who read of it. */
export async function markRemoved(
  tx: Transaction,
  id: MemberId,
  { removedAt, revision }: { readonly removedAt: Date; readonly revision: number },
): Promise<void> {
  await clientOf(tx)`
    update members set removed_at = ${removedAt.toISOString()}, email = null, password_hash = null,
      revision = ${revision}
    where id = ${idToUuid(id)}`;
  await deleteSecondFactor(tx, id);
  await clientOf(tx)`delete from member_roles where member_id = ${idToUuid(id)}`;
  await clientOf(tx)`delete from member_groups where member_id = ${idToUuid(id)}`;
}

export async function deleteSecondFactor(tx: Transaction, id: MemberId): Promise<void> {
  await clientOf(tx)`delete from member_totp where member_id = ${idToUuid(id)}`;
  await clientOf(tx)`delete from recovery_codes where member_id = ${idToUuid(id)}`;
}

/** Forgets the failures counted under `key`, and the lock that they have led to. */
export async function deleteFailures(tx: Transaction, key: CounterKey): Promise<void> {
  await clientOf(tx)`delete from sign_in_failures where key = ${key}`;
}

/** Forgets the name of a member, if that was removed. */
export async function forgetRemovedName(tx: Transaction, workspaceId: WorkspaceId, id: MemberId): Promise<void> {
  await clientOf(tx)`
    update members set name = ${FORGOTTEN_NAME}, revision = revision + 1
    where workspace_id = ${idToUuid(workspaceId)} and id = ${idToUuid(id)} and removed_at is not null
      and name <> ${FORGOTTEN_NAME}`;
}

const FORGOTTEN_NAME = 'removed member';

type OfWorkspace = Pick<Member, 'id' | 'workspaceId'>;

export async function addRoles(
  tx: Transaction,
  { id, workspaceId }: OfWorkspace,
  roles: readonly RoleId[],
): Promise<void> {
  if (roles.length === 0) return;
  await clientOf(tx)`
    insert into member_roles (workspace_id, member_id, role_id)
    select ${idToUuid(workspaceId)}, ${idToUuid(id)}, role_id from unnest(${roles.map(idToUuid)}::uuid[]) as role_id`;
}

export async function removeRoles(tx: Transaction, { id }: OfWorkspace, roles: readonly RoleId[]): Promise<void> {
  if (roles.length === 0) return;
  await clientOf(tx)`
    delete from member_roles where member_id = ${idToUuid(id)} and role_id = any(${roles.map(idToUuid)}::uuid[])`;
}

export async function addGroups(
  tx: Transaction,
  { id, workspaceId }: OfWorkspace,
  groups: readonly GroupId[],
): Promise<void> {
  if (groups.length === 0) return;
  await clientOf(tx)`
    insert into member_groups (workspace_id, member_id, group_id)
    select ${idToUuid(workspaceId)}, ${idToUuid(id)}, group_id from unnest(${groups.map(idToUuid)}::uuid[]) as group_id`;
}

export async function removeGroups(tx: Transaction, { id }: OfWorkspace, groups: readonly GroupId[]): Promise<void> {
  if (groups.length === 0) return;
  await clientOf(tx)`
    delete from member_groups where member_id = ${idToUuid(id)} and group_id = any(${groups.map(idToUuid)}::uuid[])`;
}

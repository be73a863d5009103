import { clientOf } from '../../db/client.ts';
import type { Transaction } from '../../db/connection.ts';
import { type GroupId, idToUuid, type MemberId, type RoleId, type WorkspaceId } from '../../lib/ids.ts';
import { removeTotp } from '../totp/store.ts';
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
  const idsOf = <Id>(items: readonly { readonly id: Id }[]) => items.map((item) => item.id);
  await addGroupings(tx, 'roles', member, idsOf(roles));
  await addGroupings(tx, 'groups', member, idsOf(groups));
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
  await removeTotp(tx, id);
  await clientOf(tx)`delete from member_roles where member_id = ${idToUuid(id)}`;
  await clientOf(tx)`delete from member_groups where member_id = ${idToUuid(id)}`;
}

/** Forgets the name of a member, if that was removed. */
export async function forgetRemovedName(tx: Transaction, workspaceId: WorkspaceId, id: MemberId): Promise<void> {
  await clientOf(tx)`
    update members set name = ${FORGOTTEN_NAME}, revision = revision + 1
    where workspace_id = ${idToUuid(workspaceId)} and id = ${idToUuid(id)} and removed_at is not null
      and name <> ${FORGOTTEN_NAME}`;
}

const FORGOTTEN_NAME = 'removed member';

/** What a member has by id. */
const GROUPINGS = {
  roles: { table: 'member_roles', column: 'role_id' },
  groups: { table: 'member_groups', column: 'group_id' },
} as const;

export async function addGroupings(
  tx: Transaction,
  kind: keyof typeof GROUPINGS,
  { id, workspaceId }: Pick<Member, 'id' | 'workspaceId'>,
  added: readonly (RoleId | GroupId)[],
): Promise<void> {
  if (added.length === 0) return;
  const { table, column } = GROUPINGS[kind];
  const sql = clientOf(tx);
  await sql`
    insert into ${sql(table)} (workspace_id, member_id, ${sql(column)})
    select ${idToUuid(workspaceId)}, ${idToUuid(id)}, added from unnest(${added.map(idToUuid)}::uuid[]) as added`;
}

export async function removeGroupings(
  tx: Transaction,
  kind: keyof typeof GROUPINGS,
  { id }: Pick<Member, 'id'>,
  removed: readonly (RoleId | GroupId)[],
): Promise<void> {
  if (removed.length === 0) return;
  const { table, column } = GROUPINGS[kind];
  const sql = clientOf(tx);
  await sql`
    delete from ${sql(table)}
    where member_id = ${idToUuid(id)} and ${sql(column)} = any(${removed.map(idToUuid)}::uuid[])`;
}

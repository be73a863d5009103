import { clientOf } from '../../db/client.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { idFromUuid, idToUuid, type MemberId, type WorkspaceId } from '../../lib/ids.ts';
import type { AccessLevel } from '../access-level.ts';
import { effectiveScopes, type Scope } from '../scopes.ts';
import type { Member, MemberStatus } from './member.ts';

/** Reads of members, and their locks. The row of the workspace, if it is locked too, comes before that of a member. */

/**
 * Locks the workspace until the transaction ends: whoever changes who is an owner does, so that two of them take turns.
 * False if there is no such workspace.
 */
export async function lockWorkspace(tx: Transaction, workspaceId: WorkspaceId): Promise<boolean> {
  const { count } = await clientOf(tx)`
    select from workspaces where id = ${idToUuid(workspaceId)} for no key update`;
  return count === 1;
}

/** Locks a member until the transaction ends, and reads it, removed or not; undefined if the workspace has none such. */
export async function lockMember(tx: Transaction, workspaceId: WorkspaceId, id: MemberId): Promise<Member | undefined> {
  // By itself: a statement that waits for a lock reads other tables as they were before the wait.
  await clientOf(tx)`
    select from members where workspace_id = ${idToUuid(workspaceId)} and id = ${idToUuid(id)} for no key update`;
  return await selectMember(tx, workspaceId, id);
}

/** What a member may do, which stays so until the transaction ends; undefined for one who is removed, or of elsewhere. */
export async function holdAccess(
  tx: Transaction,
  workspaceId: WorkspaceId,
  id: MemberId,
): Promise<AccessLevel | undefined> {
  const [row] = await clientOf(tx)<{ access: AccessLevel }[]>`
    select access from members
    where workspace_id = ${idToUuid(workspaceId)} and id = ${idToUuid(id)} and removed_at is null for share`;
  return row?.access;
}

/** Removed or not. */
export async function selectMember(
  executor: Database | Transaction,
  workspaceId: WorkspaceId,
  id: MemberId,
): Promise<Member | undefined> {
  const sql = clientOf(executor);
  const [row] = await sql<MemberRow[]>`
    select ${memberColumns(sql)} from members m
    where m.workspace_id = ${idToUuid(workspaceId)} and m.id = ${idToUuid(id)}`;
  return row && toMember(row);
}

/** The member that has the address, in the form it is stored in; undefined if nobody has it who is not removed. */
export async function selectMemberByEmail(
  executor: Database | Transaction,
  workspaceId: WorkspaceId,
  email: string,
): Promise<Member | undefined> {
  const sql = clientOf(executor);
  const [row] = await sql<MemberRow[]>`
    select ${memberColumns(sql)} from members m
    where m.workspace_id = ${idToUuid(workspaceId)} and m.email = ${email} and m.removed_at is null`;
  return row && toMember(row);
}

/** A member as what owns tokens. */
export interface Owner {
  readonly id: MemberId;
  readonly name: string;
  readonly access: AccessLevel;
  /** What its roles grant, with implied reads. */
  readonly scopes: readonly Scope[];
  readonly isRemoved: boolean;
}

export async function selectOwner(
  executor: Database | Transaction,
  workspaceId: WorkspaceId,
  id: MemberId,
): Promise<Owner | undefined> {
  const [row] = await clientOf(executor)<OwnerRow[]>`
    select m.name, m.access, m.removed_at is not null as is_removed, array(
      select distinct scope from member_roles mr join roles r on r.id = mr.role_id, unnest(r.scopes) as scope
      where mr.member_id = m.id) as scopes
    from members m where m.workspace_id = ${idToUuid(workspaceId)} and m.id = ${idToUuid(id)}`;
  if (row === undefined) return undefined;
  const { name, access, scopes, is_removed } = row;
  return { id, name, access, scopes: effectiveScopes(scopes), isRemoved: is_removed };
}

interface OwnerRow {
  readonly name: string;
  readonly access: AccessLevel;
  readonly is_removed: boolean;
  readonly scopes: Scope[];
}

export async function selectWorkspaceName(executor: Database | Transaction, workspaceId: WorkspaceId): Promise<string> {
  const [row] = await clientOf(executor)<{ name: string }[]>`
    select name from workspaces where id = ${idToUuid(workspaceId)}`;
  return row?.name ?? '';
}

/** Whether somebody other than `id` is an owner that has joined and can sign in. */
export async function hasOtherOwner(tx: Transaction, workspaceId: WorkspaceId, id: MemberId): Promise<boolean> {
  const { count } = await clientOf(tx)`
    select from members where workspace_id = ${idToUuid(workspaceId)} and id <> ${idToUuid(id)}
      and access = 'owner' and can_sign_in and joined_at is not null and removed_at is null limit 1`;
  return count === 1;
}

export interface MemberRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly email: string | null;
  readonly name: string;
  readonly access: AccessLevel;
  readonly can_sign_in: boolean;
  readonly has_password: boolean;
  readonly has_totp: boolean;
  readonly roles: readonly NamedRow[];
  readonly groups: readonly NamedRow[];
  readonly last_signed_in_at: number | null;
  readonly created_at: number;
  readonly created_by: string;
  readonly joined_at: number | null;
  readonly removed_at: number | null;
  readonly revision: number;
}

interface NamedRow {
  readonly id: string;
  readonly name: string;
}

/** Of the table `members m`. */
export function memberColumns(sql: ReturnType<typeof clientOf>) {
  return sql`m.id, m.workspace_id, m.email, m.name, m.access, m.can_sign_in, m.password_hash is not null as has_password,
    exists (select from member_totp t where t.member_id = m.id and t.enabled_at is not null) as has_totp,
    (select coalesce(json_agg(json_build_object('id', r.id, 'name', r.name) order by r.name), '[]')
      from member_roles mr join roles r on r.id = mr.role_id where mr.member_id = m.id) as roles,
    (select coalesce(json_agg(json_build_object('id', g.id, 'name', g.name) order by g.name), '[]')
      from member_groups mg join visibility_groups g on g.id = mg.group_id where mg.member_id = m.id) as groups,
    extract(epoch from m.last_signed_in_at)::float8 * 1000 as last_signed_in_at,
    extract(epoch from m.created_at)::float8 * 1000 as created_at, m.created_by,
    extract(epoch from m.joined_at)::float8 * 1000 as joined_at,
    extract(epoch from m.removed_at)::float8 * 1000 as removed_at, m.revision`;
}

export function toMember(row: MemberRow): Member {
  return {
    id: idFromUuid('usr', row.id),
    workspaceId: idFromUuid('ws', row.workspace_id),
    email: row.email,
    name: row.name,
    access: row.access,
    status: statusOf(row),
    canSignIn: row.can_sign_in,
    hasPassword: row.has_password,
    hasTotp: row.has_totp,
    roles: row.roles.map(({ id, name }) => ({ id: idFromUuid('role', id), name })),
    groups: row.groups.map(({ id, name }) => ({ id: idFromUuid('grp', id), name })),
    lastSignedInAt: toDate(row.last_signed_in_at),
    createdAt: new Date(Math.round(row.created_at)),
    createdBy: row.created_by,
    joinedAt: toDate(row.joined_at),
    removedAt: toDate(row.removed_at),
    revision: row.revision,
  };
}

function statusOf({ removed_at, joined_at, can_sign_in }: MemberRow): MemberStatus {
  if (removed_at !== null) return 'removed';
  return joined_at === null && can_sign_in ? 'invited' : 'active';
}

function toDate(ms: number | null): Date | null {
  return ms === null ? null : new Date(Math.round(ms));
}

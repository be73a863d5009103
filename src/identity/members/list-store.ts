import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';
import { containing } from '../../db/like.ts';
import { type GroupId, idToUuid, type RoleId, type WorkspaceId } from '../../lib/ids.ts';
import type { ListPosition } from '../../lib/page.ts';
import type { AccessLevel } from '../access-level.ts';
import type { Member, MemberStatus } from './member.ts';
import { type MemberRow, memberColumns, toMember } from './store.ts';

export interface MemberFilters {
  readonly access?: AccessLevel | undefined;
  /** Absent: all who are not removed. */
  readonly status?: MemberStatus | undefined;
  readonly role?: RoleId | undefined;
  readonly group?: GroupId | undefined;
  /** Part of a name or an email address, in whatever case. */
  readonly text?: string | undefined;
}

/** Up to `limit` members after `position`, newest first. */
export async function selectMemberPage(
  db: Database,
  workspaceId: WorkspaceId,
  { access, status, role, group, text }: MemberFilters,
  { limit, position }: { readonly limit: number; readonly position: ListPosition | undefined },
): Promise<Member[]> {
  const sql = clientOf(db);
  const anything = sql``;
  const statuses = {
    removed: sql`and m.removed_at is not null`,
    active: sql`and m.removed_at is null and (m.joined_at is not null or not m.can_sign_in)`,
    invited: sql`and m.removed_at is null and m.joined_at is null and m.can_sign_in`,
  };
  const pattern = text === undefined ? undefined : containing(text);
  const rows = await sql<MemberRow[]>`
    select ${memberColumns(sql)} from members m where m.workspace_id = ${idToUuid(workspaceId)}
      ${status === undefined ? sql`and m.removed_at is null` : statuses[status]}
      ${access === undefined ? anything : sql`and m.access = ${access}`}
      ${role === undefined ? anything : sql`and exists (select from member_roles mr where mr.member_id = m.id and mr.role_id = ${idToUuid(role)})`}
      ${group === undefined ? anything : sql`and exists (select from member_groups mg where mg.member_id = m.id and mg.group_id = ${idToUuid(group)})`}
      ${pattern === undefined ? anything : sql`and (m.name ilike ${pattern} or m.email ilike ${pattern})`}
      ${position === undefined ? anything : sql`and (m.created_at, m.id) < (${position.createdAt.toISOString()}::timestamptz, ${position.uuid}::uuid)`}
    order by m.created_at desc, m.id desc limit ${limit}`;
  return rows.map(toMember);
}

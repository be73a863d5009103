import type { Database } from '../../db/connection.ts';
import type { CursorCodec } from '../../lib/cursor.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { MemberId } from '../../lib/ids.ts';
import { type Page, type PageInput, readNewestFirst } from '../../lib/page.ts';
import type { Caller } from '../principal.ts';
import { type Manager, requireAuthority } from './authority.ts';
import { type MemberFilters, selectMemberPage } from './list-store.ts';
import type { Member } from './member.ts';
import { selectMember } from './store.ts';

export interface MemberListInput extends PageInput, MemberFilters {}

/** A page of the members of the caller's workspace, newest first. */
export async function listMembers(
  { db, cursors }: { readonly db: Database; readonly cursors: CursorCodec },
  { principal: { workspaceId } }: Caller,
  { limit, cursor, access, status, role, group, text }: MemberListInput,
): Promise<Page<Member>> {
  const binding = JSON.stringify(
    ['members', workspaceId, access, status, role, group, text].map((part) => part ?? null),
  );
  return readNewestFirst(cursors, binding, { limit, cursor }, (page) =>
    selectMemberPage(db, workspaceId, { access, status, role, group, text }, page),
  );
}

/** The member, removed or not. @throws ServiceError `not_found` if the caller's workspace has none of that id */
export async function getMember(
  { db }: { readonly db: Database },
  { principal }: Caller,
  id: MemberId,
): Promise<Member> {
  const member = await selectMember(db, principal.workspaceId, id);
  if (member === undefined) throw new ServiceError('not_found');
  return member;
}

/** The same, if the caller may change it. @throws ServiceError `not_found`, `forbidden` */
export async function getManaged(deps: { readonly db: Database }, caller: Caller, id: MemberId): Promise<Member> {
  const member = await getMember(deps, caller, id);
  requireAuthority(managerOf(caller.principal), [member.access]);
  return member;
}

function managerOf(principal: Caller['principal']): Manager {
  if (principal.kind === 'system') return { kind: 'operator' };
  if (principal.kind === 'member') return { kind: 'member', access: principal.access };
  throw new ServiceError('forbidden');
}

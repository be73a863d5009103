import type { AccessLevel } from '../identity/access-level.ts';
import { changeMember } from '../identity/members/change.ts';
import { createMember as makeMember } from '../identity/members/create.ts';
import { inviteMember as invite, inviteAgain, type MemberWithLink } from '../identity/members/invite.ts';
import { selectMemberPage } from '../identity/members/list-store.ts';
import type { Member, MemberStatus } from '../identity/members/member.ts';
import { removeMember as remove } from '../identity/members/remove.ts';
import { createResetLink } from '../identity/members/reset.ts';
import { selectMember, selectMemberByEmail } from '../identity/members/store.ts';
import type { Caller } from '../identity/principal.ts';
import { normalizeEmail } from '../lib/email.ts';
import { ServiceError } from '../lib/errors.ts';
import { idToUuid, parseId } from '../lib/ids.ts';
import type { ListPosition } from '../lib/page.ts';
import { chooseWorkspace } from './choose-workspace.ts';
import type { Session } from './session.ts';
import { type LinkView, type MemberView, viewLink, viewMember } from './views.ts';
import type { Workspace } from './workspace-store.ts';

/** Id or name of a workspace; absent: the only one. */
interface InWorkspace {
  readonly workspace?: string | undefined;
}

/** A member by its id or its email address. */
interface MemberChoice extends InWorkspace {
  readonly who: string;
}

export interface MemberWithLinkView {
  readonly member: MemberView;
  readonly link: LinkView;
}

const PAGE_SIZE = 200;

/** All members, newest first; those that were removed only if that is asked for. */
export async function listMembers(
  session: Session,
  { workspace, ...filters }: InWorkspace & { readonly access?: AccessLevel; readonly status?: MemberStatus },
): Promise<MemberView[]> {
  const { id } = await chooseWorkspace(session, workspace);
  const views: MemberView[] = [];
  for (let position: ListPosition | undefined; ; ) {
    const page = await selectMemberPage(session.db, id, filters, { limit: PAGE_SIZE, position });
    views.push(...page.map(viewMember));
    const last = page.at(-1);
    if (page.length < PAGE_SIZE || last === undefined) return views;
    position = { createdAt: last.createdAt, uuid: idToUuid(last.id) };
  }
}

/** Makes a member that joins by the link. */
export async function inviteMember(
  session: Session,
  {
    workspace,
    ...input
  }: InWorkspace & { readonly email: string; readonly name?: string; readonly access: AccessLevel },
): Promise<MemberWithLinkView> {
  const caller = callerIn(session, await chooseWorkspace(session, workspace));
  return viewWithLink(await invite(session, caller, input));
}

/** Makes a member that cannot sign in. */
export async function createMember(
  session: Session,
  { workspace, name }: InWorkspace & { readonly name: string },
): Promise<MemberView> {
  const caller = callerIn(session, await chooseWorkspace(session, workspace));
  return viewMember(await makeMember(session, caller, { name }));
}

/** Makes a link by which a member sets a new password; one who has not joined yet joins by it. */
export async function resetMember(
  session: Session,
  choice: MemberChoice & { readonly withoutTotp: boolean },
): Promise<MemberWithLinkView> {
  const { caller, member } = await chooseMember(session, choice);
  if (member.status === 'invited') return viewWithLink(await inviteAgain(session, caller, member.id));
  const { withoutTotp } = choice;
  return viewWithLink(await createResetLink(session, caller, member.id, { withoutTotp }));
}

export async function setAccess(
  session: Session,
  choice: MemberChoice & { readonly access: AccessLevel },
): Promise<MemberView> {
  const { caller, member } = await chooseMember(session, choice);
  return viewMember((await changeMember(session, caller, member.id, { access: choice.access })).member);
}

/** Nothing is removed if `confirm` rejects. */
export async function removeMember(
  session: Session,
  choice: MemberChoice & { confirm(member: MemberView): Promise<void> },
): Promise<MemberView> {
  const { caller, member } = await chooseMember(session, choice);
  await choice.confirm(viewMember(member));
  return viewMember((await remove(session, caller, member.id)).member);
}

interface ChosenMember {
  readonly caller: Caller;
  readonly member: Member;
}

async function chooseMember(session: Session, { who, workspace: wanted }: MemberChoice): Promise<ChosenMember> {
  const workspace = await chooseWorkspace(session, wanted);
  const id = parseId('usr', who);
  const member =
    id === undefined
      ? await selectMemberByEmail(session.db, workspace.id, normalizeEmail(who))
      : await selectMember(session.db, workspace.id, id);
  if (member !== undefined) return { caller: callerIn(session, workspace), member };
  throw new ServiceError('not_found', {
    message: `The workspace "${workspace.name}" has no such member. Name one by id or email; see \`tooken members list\`.`,
  });
}

function callerIn({ request }: Session, { id }: Workspace): Caller {
  return { principal: { kind: 'system', workspaceId: id, environment: 'live' }, request };
}

function viewWithLink({ member, link }: MemberWithLink): MemberWithLinkView {
  return { member: viewMember(member), link: viewLink(link) };
}

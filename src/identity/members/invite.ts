import { append } from '../../audit/events/append.ts';
import type { Once } from '../../credentials/idempotency.ts';
import type { Transaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { MemberId } from '../../lib/ids.ts';
import type { AccessLevel } from '../access-level.ts';
import type { Link } from '../links/link.ts';
import { createLink, type LinkDeps } from '../links/links.ts';
import { type Caller, principalIdOf } from '../principal.ts';
import { requireAuthority } from './authority.ts';
import { nameFromEmail, requireEmail, requireName } from './check.ts';
import { newMember } from './create.ts';
import { changesFromNothing, memberEvent } from './events.ts';
import { type GroupingInput, resolveGroupings } from './grouping.ts';
import { lockManaged, type MemberDeps, manageMembers } from './manage.ts';
import type { Member } from './member.ts';
import { type MailDeps, mailInvitation } from './notices.ts';
import { selectWorkspaceName } from './store.ts';
import { insertMember } from './write-store.ts';

export interface Invitation extends GroupingInput {
  readonly email: string;
  /** Absent: what is before the `@`. */
  readonly name?: string | undefined;
  readonly access: AccessLevel;
}

/** A member with a link that is shown this once. */
export interface MemberWithLink {
  readonly member: Member;
  readonly link: Link;
}

/**
 * Invites somebody: a member that joins by choosing a password. The link is sent by mail where there is a mail server, and is
 * in the answer in any case.
 *
 * @throws ServiceError `validation_failed`, `forbidden`; `conflict` if a member has the address
 */
export async function inviteMember(
  deps: MemberDeps & MailDeps,
  caller: Caller,
  input: Invitation,
  once?: Once<MemberWithLink>,
): Promise<MemberWithLink> {
  const email = requireEmail(input.email);
  const name = input.name === undefined ? nameFromEmail(email) : requireName(input.name);
  const { made, workspaceName } = await manageMembers(deps, caller, async (tx, manager) => {
    requireAuthority(manager, [input.access]);
    await once?.claim(tx);
    const groupings = await resolveGroupings(tx, caller.principal.workspaceId, input);
    const member = { ...newMember(deps, caller.principal, { name, email, access: input.access }), ...groupings };
    await insertMember(tx, member);
    const workspaceName = await selectWorkspaceName(tx, member.workspaceId);
    const made = { member, link: await linkToJoin(tx, deps, caller, member) };
    await once?.remember(tx, made);
    await append(tx, deps, [memberEvent('member.invited', caller, member, changesFromNothing(member))]);
    return { made, workspaceName };
  });
  mailInvitation(deps, caller, { ...made, workspaceName });
  return made;
}

/**
 * Makes a new link for somebody who has not joined yet; the one before is dead.
 *
 * @throws ServiceError `not_found`, `forbidden`; `conflict` for a member that has joined, cannot sign in, or is removed
 */
export async function inviteAgain(
  deps: MemberDeps & MailDeps,
  caller: Caller,
  id: MemberId,
  once?: Once<MemberWithLink>,
): Promise<MemberWithLink> {
  const { made, workspaceName } = await manageMembers(deps, caller, async (tx, manager) => {
    const member = await lockManaged(tx, caller, manager, id);
    await once?.claim(tx);
    if (member.status !== 'invited') throw new ServiceError('conflict', { message: whyNotInvited(member) });
    const workspaceName = await selectWorkspaceName(tx, member.workspaceId);
    const made = { member, link: await linkToJoin(tx, deps, caller, member) };
    await once?.remember(tx, made);
    await append(tx, deps, [memberEvent('member.invited', caller, member)]);
    return { made, workspaceName };
  });
  mailInvitation(deps, caller, { ...made, workspaceName });
  return made;
}

/** A link for one who has not joined yet. Who has no address yet gives it with the password. */
export function linkToJoin(
  tx: Transaction,
  deps: LinkDeps,
  { principal }: Pick<Caller, 'principal'>,
  member: Member,
): Promise<Link> {
  const kind = member.email === null ? 'set_up' : 'invitation';
  return createLink(tx, deps, { memberId: member.id, kind, createdBy: principalIdOf(principal) });
}

function whyNotInvited({ status, canSignIn }: Member): string {
  if (status === 'removed') return 'This member was removed. Invite the person again by email.';
  if (!canSignIn) return 'This member is an account that only owns tokens; it cannot sign in.';
  return 'This member has joined already. A member who is locked out gets a link to set a new password instead.';
}

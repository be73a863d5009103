import { append } from '../../audit/events/append.ts';
import type { Effective } from '../../coherence/fence.ts';
import { invalidate } from '../../coherence/invalidate.ts';
import type { Transaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { MemberId } from '../../lib/ids.ts';
import { type ExpectedRevisions, requireRevision } from '../../lib/revision.ts';
import type { AccessLevel } from '../access-level.ts';
import { deleteLinks, deleteLinksMadeBy } from '../links/store.ts';
import type { Caller } from '../principal.ts';
import { requireAuthority } from './authority.ts';
import { invalid, requireEmail, requireName } from './check.ts';
import { changesBetween, memberEvent } from './events.ts';
import { type GroupingInput, resolveGroupings } from './grouping.ts';
import { lockManaged, type MemberDeps, manageMembers } from './manage.ts';
import { isActingOwner, type Member } from './member.ts';
import { type MailDeps, mailNotice } from './notices.ts';
import { hasOtherOwner, selectWorkspaceName } from './store.ts';
import { addGroupings, removeGroupings, updateMember } from './write-store.ts';

/** What is absent stays as it is. */
export interface MemberChange extends GroupingInput {
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly access?: AccessLevel | undefined;
}

export interface ChangedMember {
  readonly member: Member;
  readonly effective: Effective;
}

/**
 * Changes a member. By the time this answers, no replica gives it, its sessions or its tokens rights that were taken away.
 * Sessions go on: each request is judged by what the member may do then. A link that was sent to an address which is no
 * longer the member's is dead, and whoever reads that address is told. A link for somebody who becomes an owner is dead as
 * well, and so are the links that were made for others by somebody who manages less from now on.
 *
 * @throws ServiceError `not_found`, `forbidden`, `validation_failed`, `precondition_failed`; `conflict` for a member that
 *   is removed, an address that is taken, and the last owner
 */
export async function changeMember(
  deps: MemberDeps & MailDeps,
  caller: Caller,
  id: MemberId,
  change: MemberChange,
  expected?: ExpectedRevisions,
): Promise<ChangedMember> {
  const { before, after, workspaceName, invalidated } = await manageMembers(deps, caller, async (tx, manager) => {
    const before = await lockManaged(tx, caller, manager, id);
    if (change.access !== undefined) requireAuthority(manager, [change.access]);
    if (before.status === 'removed') throw new ServiceError('conflict', { message: REMOVED_MESSAGE });
    requireRevision(expected, before.revision);
    const wanted = await changed(tx, before, change);
    const changes = changesBetween(before, wanted);
    // Also where nothing changes: this may be the retry of a change whose answer was lost.
    const invalidated = await invalidate(tx, [id]);
    const workspaceName = await selectWorkspaceName(tx, before.workspaceId);
    if (changes.length === 0) return { before, after: before, workspaceName, invalidated };
    const after = { ...wanted, revision: before.revision + 1 };
    await requireOwner(tx, before, after);
    await write(tx, before, after);
    await append(tx, deps, [memberEvent('member.updated', caller, after, changes)]);
    return { before, after, workspaceName, invalidated };
  });
  const effective = await deps.fence(invalidated);
  if (after.email !== before.email) {
    mailNotice(deps, caller.request, { notice: 'email_changed', email: before.email, workspaceName });
  }
  return { member: after, effective };
}

/** Throws `conflict` if `after`, or nobody, is left of the last owner who can sign in. */
export async function requireOwner(tx: Transaction, before: Member, after: Member | undefined): Promise<void> {
  if (!isActingOwner(before) || (after !== undefined && isActingOwner(after))) return;
  if (await hasOtherOwner(tx, before.workspaceId, before.id)) return;
  throw new ServiceError('conflict', { message: LAST_OWNER_MESSAGE });
}

async function changed(tx: Transaction, before: Member, change: MemberChange): Promise<Member> {
  if (!before.canSignIn && change.email !== undefined) {
    throw invalid('email', 'is not for a member that cannot sign in');
  }
  if (!before.canSignIn && change.access === 'owner') {
    throw invalid('access', 'must not be owner for a member that cannot sign in');
  }
  return {
    ...before,
    ...(change.name !== undefined && { name: requireName(change.name) }),
    ...(change.email !== undefined && { email: requireEmail(change.email) }),
    ...(change.access !== undefined && { access: change.access }),
    ...(await resolveGroupings(tx, before.workspaceId, change, before)),
  };
}

async function write(tx: Transaction, before: Member, after: Member): Promise<void> {
  await updateMember(tx, after);
  await addGroupings(tx, 'roles', after, idsIn(after.roles, before.roles));
  await removeGroupings(tx, 'roles', after, idsIn(before.roles, after.roles));
  await addGroupings(tx, 'groups', after, idsIn(after.groups, before.groups));
  await removeGroupings(tx, 'groups', after, idsIn(before.groups, after.groups));
  const isOtherAccess = after.access !== before.access;
  // An admin may have made it, who knows it: it must not open what is an owner's by now.
  const becomesOwner = isOtherAccess && after.access === 'owner';
  if (after.email !== before.email || becomesOwner) await deleteLinks(tx, after.id);
  if (isOtherAccess && !becomesOwner) await deleteLinksMadeBy(tx, after.id);
}

/** Ids of what is in one list and not in the other. */
function idsIn<Id>(list: readonly { readonly id: Id }[], other: readonly { readonly id: Id }[]): Id[] {
  const known = new Set(other.map(({ id }) => id));
  return list.map(({ id }) => id).filter((id) => !known.has(id));
}

const REMOVED_MESSAGE = 'This member was removed. Invite the person again.';
const LAST_OWNER_MESSAGE = 'This is the last owner who can sign in. Make somebody else an owner first.';

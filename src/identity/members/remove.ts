import { append } from '../../audit/events/append.ts';
import type { Effective } from '../../coherence/fence.ts';
import { invalidate } from '../../coherence/invalidate.ts';
import type { MemberId } from '../../lib/ids.ts';
import { deleteLinks, deleteLinksMadeBy } from '../links/store.ts';
import type { Caller } from '../principal.ts';
import { endAllSessions } from '../sessions/end.ts';
import { requireOwner } from './change.ts';
import { changesToNothing, memberEvent } from './events.ts';
import { lockManaged, type MemberDeps, manageMembers } from './manage.ts';
import type { Member } from './member.ts';
import { markRemoved } from './write-store.ts';

export interface RemovedMember {
  /** What is left of it. */
  readonly member: Member;
  readonly effective: Effective;
}

/**
 * Removes a member. By the time this answers its sessions and its tokens are dead everywhere; the tokens are not revoked, so
 * that they can be reassigned. The links that it has made for others are dead, since it knows them. Its name stays, for
 * those who read of it; it may be invited again, as another member.
 *
 * @throws ServiceError `not_found`, `forbidden`; `conflict` for the last owner
 */
export async function removeMember(deps: MemberDeps, caller: Caller, id: MemberId): Promise<RemovedMember> {
  const { member, invalidated } = await manageMembers(deps, caller, async (tx, manager) => {
    const before = await lockManaged(tx, caller, manager, id);
    // Also for one that is removed: this may be the retry of a removal whose answer was lost.
    const invalidated = await invalidate(tx, [id]);
    if (before.status === 'removed') return { member: before, invalidated };
    await requireOwner(tx, before, undefined);
    const removedAt = deps.clock.now();
    const member = removed(before, removedAt);
    await endAllSessions(tx, id, 'member_removed', removedAt);
    await deleteLinks(tx, id);
    await deleteLinksMadeBy(tx, id);
    await markRemoved(tx, id, { removedAt, revision: member.revision });
    await append(tx, deps, [memberEvent('member.removed', caller, before, changesToNothing(before))]);
    return { member, invalidated };
  });
  return { member, effective: await deps.fence(invalidated) };
}

function removed(before: Member, removedAt: Date): Member {
  return {
    ...before,
    email: null,
    status: 'removed',
    hasPassword: false,
    hasTotp: false,
    roles: [],
    groups: [],
    removedAt,
    revision: before.revision + 1,
  };
}

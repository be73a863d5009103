import { append } from '../../audit/events/append.ts';
import type { Effective, Fence } from '../../coherence/fence.ts';
import { invalidate } from '../../coherence/invalidate.ts';
import type { Database } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { IdSource, MemberId } from '../../lib/ids.ts';
import { getMember } from '../members/list.ts';
import { lockManaged, manageMembers } from '../members/manage.ts';
import { targetOf } from '../members/member.ts';
import type { Caller } from '../principal.ts';
import { endAllSessions } from './end.ts';
import { sessionEvent } from './event.ts';
import { countLiveSessions } from './list-store.ts';

/**
 * Ends all sessions of a member that the caller manages, for a lost laptop or a stolen session. By the time this answers no
 * replica takes the member's access tokens. It may sign in again; tokens that it owns live on.
 *
 * @throws ServiceError `not_found`, also for a member that is removed; `forbidden` for an owner, unless an owner asks
 */
export async function endSessionsOf(
  deps: IdSource & { readonly db: Database; readonly fence: Fence },
  caller: Caller,
  id: MemberId,
): Promise<Effective> {
  const invalidated = await manageMembers(deps, caller, async (tx, manager) => {
    const member = await lockManaged(tx, caller, manager, id);
    if (member.status === 'removed') throw new ServiceError('not_found');
    await endAllSessions(tx, id, 'all_ended', deps.clock.now());
    const noted = await invalidate(tx, [id]);
    await append(tx, deps, [sessionEvent('session.all_ended', caller, targetOf(member))]);
    return noted;
  });
  return deps.fence(invalidated);
}

/** How many sessions of a member would be ended. @throws ServiceError `not_found` */
export async function countSessionsOf(
  deps: Pick<IdSource, 'clock'> & { readonly db: Database },
  caller: Caller,
  id: MemberId,
): Promise<number> {
  const member = await getMember(deps, caller, id);
  return countLiveSessions(deps.db, member.id, deps.clock.now());
}

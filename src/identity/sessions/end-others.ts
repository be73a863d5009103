import { append } from '../../audit/events/append.ts';
import type { Effective } from '../../coherence/fence.ts';
import { invalidate } from '../../coherence/invalidate.ts';
import { inTransaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { MemberCaller } from '../principal.ts';
import { lockSigning } from '../sign-in/member-store.ts';
import { isSessionOpen } from '../sign-in/session-store.ts';
import { sessionEvent } from './event.ts';
import type { OwnSessionDeps } from './own.ts';
import { deleteChallenges, markOthersEnded } from './store.ts';

interface EndedOthers {
  readonly count: number;
  readonly effective: Effective;
}

/**
 * Ends all sessions of the caller but the one that this call is made in, and sign-ins that wait for a second factor. By the
 * time this answers no replica takes anything of them.
 *
 * @throws ServiceError `unauthorized` if the caller's own session has ended meanwhile: whoever was thrown out throws nobody out
 */
export async function endOtherSessions(deps: OwnSessionDeps, caller: MemberCaller): Promise<EndedOthers> {
  const { id, workspaceId, sessionId } = caller.principal;
  const { ended, invalidated } = await inTransaction(deps.db, async (tx) => {
    // A sign-in that is about to begin a session waits for this.
    const member = await lockSigning(tx, workspaceId, id);
    const now = deps.clock.now();
    const isOpen = member !== undefined && (await isSessionOpen(tx, sessionId, member, now));
    if (!isOpen) throw new ServiceError('unauthorized');
    const ended = await markOthersEnded(tx, id, { kept: sessionId, reason: 'ended', endedAt: now });
    await deleteChallenges(tx, id);
    const noted = await invalidate(tx, ended);
    const events = ended.map((each) =>
      sessionEvent('session.ended', caller, { type: 'session', id: each, name: null }),
    );
    if (events.length > 0) await append(tx, deps, events);
    return { ended, invalidated: noted };
  });
  return { count: ended.length, effective: await deps.fence(invalidated) };
}

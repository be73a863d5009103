import { append } from '../../audit/events/append.ts';
import type { Effective, Fence } from '../../coherence/fence.ts';
import { invalidate } from '../../coherence/invalidate.ts';
import { type Database, inTransaction } from '../../db/connection.ts';
import type { CursorCodec } from '../../lib/cursor.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { IdSource, SessionId } from '../../lib/ids.ts';
import { type Page, type PageInput, readNewestFirst } from '../../lib/page.ts';
import type { MemberCaller } from '../principal.ts';
import { endAllSessions, endSession } from './end.ts';
import { sessionEvent } from './event.ts';
import { hasSession, selectLiveSessions } from './list-store.ts';
import type { Session } from './session.ts';

/** What members do with their own sessions. */

export interface OwnSessionDeps extends IdSource {
  readonly db: Database;
  readonly fence: Fence;
}

/** A page of the sessions of the caller that are not over, newest first. */
export async function listOwnSessions(
  deps: OwnSessionDeps & { readonly cursors: CursorCodec },
  { principal }: MemberCaller,
  input: PageInput,
): Promise<Page<Session>> {
  const now = deps.clock.now();
  const binding = JSON.stringify(['sessions', principal.id]);
  return readNewestFirst(deps.cursors, binding, input, (page) =>
    selectLiveSessions(deps.db, principal.id, { ...page, now }),
  );
}

/** Ends the session that the caller makes this call in. By the time this answers no replica takes its access tokens. */
export async function signOut(deps: OwnSessionDeps, caller: MemberCaller): Promise<Effective> {
  return end(deps, caller, caller.principal.sessionId, 'member.signed_out');
}

/**
 * Ends one of the caller's sessions, likewise. One that is over already is ended once more, without an event: this may be
 * the retry of a call whose answer was lost.
 *
 * @throws ServiceError `not_found`, also for a session of somebody else
 */
export async function endOwnSession(deps: OwnSessionDeps, caller: MemberCaller, id: SessionId): Promise<Effective> {
  await requireOwnSession(deps, caller, id);
  return end(deps, caller, id, 'session.ended');
}

/** @throws ServiceError `not_found` for a session that is not, and never was, the caller's */
export async function requireOwnSession(
  { db }: Pick<OwnSessionDeps, 'db'>,
  { principal }: MemberCaller,
  id: SessionId,
): Promise<void> {
  if (!(await hasSession(db, principal.id, id))) throw new ServiceError('not_found');
}

async function end(
  deps: OwnSessionDeps,
  caller: MemberCaller,
  sessionId: SessionId,
  action: 'member.signed_out' | 'session.ended',
): Promise<Effective> {
  const reason = action === 'session.ended' ? 'ended' : 'signed_out';
  const invalidated = await inTransaction(deps.db, async (tx) => {
    const hasEnded = await endSession(tx, { memberId: caller.principal.id, sessionId }, reason, deps.clock.now());
    const noted = await invalidate(tx, [sessionId]);
    const target = { type: 'session', id: sessionId, name: null } as const;
    if (hasEnded) await append(tx, deps, [sessionEvent(action, caller, target)]);
    return noted;
  });
  return deps.fence(invalidated);
}

/** Ends all sessions of the caller, the present one too, and with them everything that was issued to it. */
export async function endOwnSessions(deps: OwnSessionDeps, caller: MemberCaller): Promise<Effective> {
  const { id, name } = caller.principal;
  const invalidated = await inTransaction(deps.db, async (tx) => {
    await endAllSessions(tx, id, 'all_ended', deps.clock.now());
    const noted = await invalidate(tx, [id]);
    await append(tx, deps, [sessionEvent('session.all_ended', caller, { type: 'member', id, name })]);
    return noted;
  });
  return deps.fence(invalidated);
}

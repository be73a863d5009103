import type { Transaction } from '../../db/connection.ts';
import type { MemberId, SessionId } from '../../lib/ids.ts';
import type { EndReason } from './session.ts';
import { deleteChallenges, markAllEnded, markEnded, raiseGeneration } from './store.ts';

/**
 * Ends one session of a member; false if it has none such that is not over yet. The caller invalidates the session, appends
 * the event and fences.
 */
export async function endSession(
  tx: Transaction,
  { memberId, sessionId }: { readonly memberId: MemberId; readonly sessionId: SessionId },
  reason: EndReason,
  now: Date,
): Promise<boolean> {
  return markEnded(tx, memberId, sessionId, reason, now);
}

/**
 * Ends whatever was issued to a member: all sessions, sign-ins that wait for a second factor, and by the raised generation
 * every access token. The caller invalidates the member, appends the event and fences.
 */
export async function endAllSessions(tx: Transaction, memberId: MemberId, reason: EndReason, now: Date): Promise<void> {
  // First, since it locks the member: a sign-in that is about to begin a session waits, and then finds another generation.
  await raiseGeneration(tx, memberId);
  await markAllEnded(tx, memberId, reason, now);
  await deleteChallenges(tx, memberId);
}

import { and, eq, isNull, ne, sql } from 'drizzle-orm';
import type { Digest } from '../../credentials/digest.ts';
import type { Transaction } from '../../db/connection.ts';
import { members } from '../../db/schema/members.ts';
import { refreshTokens, sessions, signInChallenges } from '../../db/schema/sessions.ts';
import { idFromUuid, idToUuid, type MemberId, type SessionId } from '../../lib/ids.ts';
import type { EndReason, Session } from './session.ts';

export async function insertSession(tx: Transaction, session: Session, generation: number): Promise<void> {
  const { id, memberId, ...rest } = session;
  await tx.insert(sessions).values({ id: idToUuid(id), memberId: idToUuid(memberId), generation, ...rest });
}

/** Adds an unused refresh token to a session. */
export async function insertRefreshToken(
  tx: Transaction,
  sessionId: SessionId,
  digest: Digest,
  createdAt: Date,
): Promise<void> {
  await tx.insert(refreshTokens).values({ digest, sessionId: idToUuid(sessionId), createdAt });
}

/** Ends a session of the member that is not over yet; whether there was one. */
export async function markEnded(
  tx: Transaction,
  memberId: MemberId,
  sessionId: SessionId,
  reason: EndReason,
  endedAt: Date,
): Promise<boolean> {
  const ended = await tx
    .update(sessions)
    .set({ endedAt, endReason: reason })
    .where(
      and(eq(sessions.id, idToUuid(sessionId)), eq(sessions.memberId, idToUuid(memberId)), isNull(sessions.endedAt)),
    )
    .returning({ id: sessions.id });
  return ended.length > 0;
}

/** Ends all sessions of the member that are not over yet. */
export async function markAllEnded(
  tx: Transaction,
  memberId: MemberId,
  reason: EndReason,
  endedAt: Date,
): Promise<void> {
  await tx
    .update(sessions)
    .set({ endedAt, endReason: reason })
    .where(and(eq(sessions.memberId, idToUuid(memberId)), isNull(sessions.endedAt)));
}

/** Ends all but one of the sessions of the member that are not over yet, and returns which those were. */
export async function markOthersEnded(
  tx: Transaction,
  memberId: MemberId,
  { kept, reason, endedAt }: { readonly kept: SessionId; readonly reason: EndReason; readonly endedAt: Date },
): Promise<SessionId[]> {
  const ended = await tx
    .update(sessions)
    .set({ endedAt, endReason: reason })
    .where(and(eq(sessions.memberId, idToUuid(memberId)), ne(sessions.id, idToUuid(kept)), isNull(sessions.endedAt)))
    .returning({ id: sessions.id });
  return ended.map(({ id }) => idFromUuid('ses', id));
}

/** Forgets the sign-ins of the member that wait for a second factor. */
export async function deleteChallenges(tx: Transaction, memberId: MemberId): Promise<void> {
  await tx.delete(signInChallenges).where(eq(signInChallenges.memberId, idToUuid(memberId)));
}

/** Locks the member's row, and makes everything dead that was issued to it so far. */
export async function raiseGeneration(tx: Transaction, memberId: MemberId): Promise<void> {
  await tx
    .update(members)
    .set({ generation: sql`${members.generation} + 1` })
    .where(eq(members.id, idToUuid(memberId)));
}

/** What is known about a refresh token that is presented, and about its session, under the lock of that. */
export interface RefreshState {
  /** When the token was used; null while it is unused. */
  readonly usedAt: Date | null;
  /** Whether the token that follows it has been used as well. */
  readonly isSuccessorUnused: boolean;
  readonly session: { readonly generation: number; readonly expiresAt: Date; readonly endedAt: Date | null };
  readonly member: { readonly generation: number; readonly isRemoved: boolean; readonly canSignIn: boolean };
}

export type RefreshDecision =
  /** The token is used up for its successor. */
  | 'rotate'
  /** A retry of a refresh whose answer was lost: the same successor once more. */
  | 'repeat'
  /** One of two holders has stolen it, and nobody knows which: the session ends. */
  | 'reused'
  /** The session is over. */
  | 'expired'
  | 'ended';

/** For so long after its use a token may be presented once more. */
const GRACE_MS = 10_000;

/** What becomes of a refresh token that is presented at `now`. Pure. */
export function decideRefresh(
  { usedAt, isSuccessorUnused, session, member }: RefreshState,
  now: Date,
): RefreshDecision {
  if (session.endedAt !== null || session.generation !== member.generation) return 'ended';
  if (member.isRemoved || !member.canSignIn) return 'ended';
  if (now >= session.expiresAt) return 'expired';
  if (usedAt === null) return 'rotate';
  // The clock of another replica, which noted the use, may be ahead: that is soon enough as well.
  const isRetry = isSuccessorUnused && now.getTime() - usedAt.getTime() <= GRACE_MS;
  return isRetry ? 'repeat' : 'reused';
}

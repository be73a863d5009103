import { append } from '../../audit/events/append.ts';
import type { NewEvent, RequestOrigin } from '../../audit/events/event.ts';
import type { Fence } from '../../coherence/fence.ts';
import { type Invalidated, invalidate } from '../../coherence/invalidate.ts';
import { type OpaqueSecret, parseSecret } from '../../credentials/opaque-secret.ts';
import { type Database, inTransaction, type Transaction } from '../../db/connection.ts';
import type { SessionDeps } from './begin.ts';
import { decideRefresh } from './decide-refresh.ts';
import { endSession } from './end.ts';
import { lockRefresh, markSeen, markUsed, type RefreshRecord } from './refresh-store.ts';
import type { SuccessorFunction } from './refresh-token.ts';
import { signFor } from './sign-for.ts';
import { insertRefreshToken } from './store.ts';

export interface RefreshDeps extends SessionDeps {
  readonly db: Database;
  readonly fence: Fence;
  readonly successorOf: SuccessorFunction;
}

export type Refresh =
  | {
      readonly outcome: 'refreshed';
      readonly accessToken: string;
      readonly expiresInSeconds: number;
      readonly refreshToken: OpaqueSecret;
    }
  | {
      readonly outcome: 'refused';
      readonly reason: 'malformed' | 'unknown' | 'expired' | 'ended' | 'reused';
      /** Whose the token is or was, if anybody's. */
      readonly member?: RefreshRecord['member'];
    };

/**
 * Exchanges a refresh token for an access token that says what the member is now, and for the next refresh token. Of two
 * calls with one token, at the same time or within ten seconds, both get the same next one; after that, or once that one was
 * used, the session ends: by the time this answers no replica takes its access tokens.
 */
export async function refreshSession(deps: RefreshDeps, text: string, origin: RequestOrigin): Promise<Refresh> {
  const presented = parseSecret('refresh', text);
  if (presented === undefined) return { outcome: 'refused', reason: 'malformed' };
  const { result, invalidated } = await inTransaction(deps.db, (tx) => exchange(tx, deps, presented, origin));
  if (invalidated !== undefined) await deps.fence(invalidated);
  return result;
}

async function exchange(
  tx: Transaction,
  deps: RefreshDeps,
  presented: OpaqueSecret,
  origin: RequestOrigin,
): Promise<{ readonly result: Refresh; readonly invalidated?: Invalidated }> {
  const refreshToken = deps.successorOf(presented);
  const [digest, nextDigest] = [deps.digest(presented), deps.digest(refreshToken)];
  const record = await lockRefresh(tx, digest, nextDigest);
  if (record === undefined) return { result: { outcome: 'refused', reason: 'unknown' } };
  const { session, member } = record;
  // Read behind the lock: whoever waited for it must not go back behind what was noted meanwhile.
  const now = deps.clock.now();
  const decision = decideRefresh(record, now);
  switch (decision) {
    case 'expired':
    case 'ended':
      return { result: { outcome: 'refused', reason: decision, member } };
    case 'reused': {
      await endSession(tx, { memberId: member.id, sessionId: session.id }, 'refresh_reused', now);
      const invalidated = await invalidate(tx, [session.id]);
      await append(tx, deps, [reuseEvent(record, origin)]);
      return { result: { outcome: 'refused', reason: decision, member }, invalidated };
    }
    case 'rotate':
      await markUsed(tx, digest, now);
      await insertRefreshToken(tx, session.id, nextDigest, now);
      break;
    case 'repeat':
      break;
  }
  await markSeen(tx, session.id, { at: now, ip: origin.ip, userAgent: origin.userAgent });
  return { result: { outcome: 'refreshed', ...signFor(deps.accessTokens, member, session, now), refreshToken } };
}

/** Who presented it is what nobody can tell: the member, or whoever has stolen it. */
function reuseEvent({ session, member }: RefreshRecord, request: RequestOrigin): NewEvent {
  return {
    workspaceId: member.workspaceId,
    environment: null,
    action: 'session.refresh_reused',
    outcome: 'failure',
    actor: { type: 'anonymous', id: null, name: null },
    targets: [
      { type: 'member', id: member.id, name: member.name },
      { type: 'session', id: session.id, name: null },
    ],
    request,
  };
}

import type { RequestOrigin } from '../../audit/events/event.ts';
import type { DigestFunction } from '../../credentials/digest.ts';
import { generateSecret, type OpaqueSecret } from '../../credentials/opaque-secret.ts';
import type { Transaction } from '../../db/connection.ts';
import { type IdSource, newId, type SessionId } from '../../lib/ids.ts';
import type { AccessTokens } from '../access-tokens/access-tokens.ts';
import { SESSION_LIFETIME_SECONDS, type Session, type SessionKind, type SessionMember } from './session.ts';
import { signFor } from './sign-for.ts';
import { insertRefreshToken, insertSession } from './store.ts';

export interface SessionDeps extends IdSource {
  readonly digest: DigestFunction;
  readonly accessTokens: AccessTokens;
}

export interface StartedSession {
  readonly sessionId: SessionId;
  readonly accessToken: string;
  /** How long the access token is good. */
  readonly expiresInSeconds: number;
  readonly refreshToken: OpaqueSecret;
  /** When the session ends, whatever happens. */
  readonly refreshExpiresAt: Date;
}

/**
 * Begins the session of a member who has just proved who it is, second factor included. The caller holds the member's lock,
 * so that its generation is still that, and appends the event.
 */
export async function beginSession(
  tx: Transaction,
  deps: SessionDeps,
  input: { readonly member: SessionMember; readonly kind: SessionKind; readonly origin: RequestOrigin },
): Promise<StartedSession> {
  const { member, kind, origin } = input;
  const now = deps.clock.now();
  const session: Session = {
    id: newId('ses', deps),
    memberId: member.id,
    kind,
    createdAt: now,
    expiresAt: new Date(now.getTime() + SESSION_LIFETIME_SECONDS * 1000),
    authenticatedAt: now,
    lastSeenAt: now,
    lastSeenFrom: origin.ip,
    userAgent: origin.userAgent,
  };
  const refreshToken = generateSecret('refresh', deps.random);
  await insertSession(tx, session, member.generation);
  await insertRefreshToken(tx, session.id, deps.digest(refreshToken), now);
  const signed = signFor(deps.accessTokens, member, session, now);
  return { sessionId: session.id, ...signed, refreshToken, refreshExpiresAt: session.expiresAt };
}

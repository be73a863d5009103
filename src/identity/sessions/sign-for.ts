import type { AccessTokens } from '../access-tokens/access-tokens.ts';
import { ACCESS_TOKEN_LIFETIME_SECONDS, type Session, type SessionMember } from './session.ts';

/** An access token for a member in a session, which it does not outlive. */
export function signFor(
  accessTokens: AccessTokens,
  member: SessionMember,
  session: Pick<Session, 'id' | 'authenticatedAt' | 'expiresAt'>,
  now: Date,
): { readonly accessToken: string; readonly expiresInSeconds: number } {
  const leftSeconds = Math.floor((session.expiresAt.getTime() - now.getTime()) / 1000);
  const expiresInSeconds = Math.min(ACCESS_TOKEN_LIFETIME_SECONDS, leftSeconds);
  const accessToken = accessTokens.sign({
    sessionId: session.id,
    memberId: member.id,
    workspaceId: member.workspaceId,
    access: member.access,
    generation: member.generation,
    authenticatedAt: session.authenticatedAt,
    issuedAt: now,
    expiresAt: new Date(now.getTime() + expiresInSeconds * 1000),
  });
  return { accessToken, expiresInSeconds };
}

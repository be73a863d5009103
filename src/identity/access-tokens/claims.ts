import { z } from 'zod';
import { type Id, type MemberId, parseId, type SessionId, type WorkspaceId } from '../../lib/ids.ts';
import { ACCESS_LEVELS, type AccessLevel } from '../access-level.ts';

/** What an access token says (RFC 9068 §2.2, and ours). All instants are whole seconds. */
export interface AccessTokenClaims {
  readonly sessionId: SessionId;
  readonly memberId: MemberId;
  readonly workspaceId: WorkspaceId;
  /** As it was when the token was signed: what counts is the member's record. */
  readonly access: AccessLevel;
  /** That of the member: once it is raised, the token is dead. */
  readonly generation: number;
  /** When the member last proved who it is. */
  readonly authenticatedAt: Date;
  readonly issuedAt: Date;
  /** From this very instant on the token is good for nothing. */
  readonly expiresAt: Date;
}

/** What a temporary token says: a sign-in that waits for its second factor. */
export interface TemporaryTokenClaims {
  readonly challengeId: Id<'chl'>;
  readonly memberId: MemberId;
  readonly workspaceId: WorkspaceId;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Who signs, and for whom. */
export interface Parties {
  readonly issuer: string;
  readonly audience: string;
}

/** The payload of an access token: JSON with exactly these members in this order. `id` tells two tokens apart. */
export function writeAccessClaims(parties: Parties, claims: AccessTokenClaims, id: string): string {
  return JSON.stringify({
    iss: parties.issuer,
    aud: parties.audience,
    sub: claims.memberId,
    sid: claims.sessionId,
    workspace: claims.workspaceId,
    access: claims.access,
    gen: claims.generation,
    auth_time: secondsOf(claims.authenticatedAt),
    iat: secondsOf(claims.issuedAt),
    exp: secondsOf(claims.expiresAt),
    jti: id,
  });
}

/** Undefined unless {@link writeAccessClaims} writes this very text, for the same parties. */
export function readAccessClaims(parties: Parties, text: string): AccessTokenClaims | undefined {
  const payload = parse(accessPayload, text);
  const [memberId, sessionId] = [parseId('usr', payload?.sub ?? ''), parseId('ses', payload?.sid ?? '')];
  const workspaceId = parseId('ws', payload?.workspace ?? '');
  if (payload === undefined || memberId === undefined || sessionId === undefined || workspaceId === undefined) {
    return undefined;
  }
  const claims = {
    sessionId,
    memberId,
    workspaceId,
    access: payload.access,
    generation: payload.gen,
    authenticatedAt: dateOf(payload.auth_time),
    issuedAt: dateOf(payload.iat),
    expiresAt: dateOf(payload.exp),
  };
  return writeAccessClaims(parties, claims, payload.jti) === text ? claims : undefined;
}

/** The payload of a temporary token, likewise. */
export function writeTemporaryClaims(parties: Parties, claims: TemporaryTokenClaims): string {
  return JSON.stringify({
    iss: parties.issuer,
    aud: parties.audience,
    sub: claims.memberId,
    workspace: claims.workspaceId,
    iat: secondsOf(claims.issuedAt),
    exp: secondsOf(claims.expiresAt),
    jti: claims.challengeId,
  });
}

export function readTemporaryClaims(parties: Parties, text: string): TemporaryTokenClaims | undefined {
  const payload = parse(temporaryPayload, text);
  const [memberId, challengeId] = [parseId('usr', payload?.sub ?? ''), parseId('chl', payload?.jti ?? '')];
  const workspaceId = parseId('ws', payload?.workspace ?? '');
  if (payload === undefined || memberId === undefined || challengeId === undefined || workspaceId === undefined) {
    return undefined;
  }
  const [issuedAt, expiresAt] = [dateOf(payload.iat), dateOf(payload.exp)];
  const claims = { challengeId, memberId, workspaceId, issuedAt, expiresAt };
  return writeTemporaryClaims(parties, claims) === text ? claims : undefined;
}

// Who, for whom and nothing else: that is seen when the text is written again and compared.
const seconds = z
  .int()
  .min(0)
  .max(Date.UTC(10_000, 0, 1) / 1000);
const accessPayload = z.object({
  sub: z.string(),
  sid: z.string(),
  workspace: z.string(),
  access: z.enum(ACCESS_LEVELS),
  gen: z.int().min(1),
  auth_time: seconds,
  iat: seconds,
  exp: seconds,
  jti: z.string(),
});
const temporaryPayload = z.object({
  sub: z.string(),
  workspace: z.string(),
  iat: seconds,
  exp: seconds,
  jti: z.string(),
});

function parse<Payload>(schema: z.ZodType<Payload>, text: string): Payload | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function secondsOf(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

function dateOf(secondsSinceEpoch: number): Date {
  return new Date(secondsSinceEpoch * 1000);
}

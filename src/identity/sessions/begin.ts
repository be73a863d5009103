import type { RequestOrigin } from '../../audit/events/event.ts';
import type { DigestFunction } from '../../credentials/digest.ts';
import { generateSecret, type OpaqueSecret } from '../../credentials/opaque-secret.ts';
import type { Transaction } from '../../db/connection.ts';
import { type IdSource, newId, type SessionId } from '../../lib/ids.ts';
import type { AccessTokens } from '../access-tokens/access-tokens.ts';
import { replaceCookie } from './browser-store.ts';
import { SESSION_LIFETIME_SECONDS, type Session, type SessionKind, type SessionMember } from './session.ts';
import { signFor } from './sign-for.ts';
import { insertRefreshToken, insertSession } from './store.ts';

export interface SessionDeps extends IdSource {
  readonly digest: DigestFunction;
  readonly accessTokens: AccessTokens;
}

/** What whoever has signed in holds of the session, by its kind. */
interface Held {
  readonly api: {
    readonly accessToken: string;
    /** How long the access token is good. */
    readonly expiresInSeconds: number;
    readonly refreshToken: OpaqueSecret;
  };
  readonly browser: { readonly cookie: OpaqueSecret };
}

export type StartedSession<Kind extends SessionKind = 'api'> = Held[Kind] & {
  readonly sessionId: SessionId;
  /** When the session ends, whatever happens. */
  readonly endsAt: Date;
};

/**
 * Begins the session of a member who has just proved who it is, second factor included. The caller holds the member's lock,
 * so that its generation is still that, and appends the event.
 */
export async function beginSession<Kind extends SessionKind>(
  tx: Transaction,
  deps: SessionDeps,
  input: { readonly member: SessionMember; readonly kind: Kind; readonly origin: RequestOrigin },
): Promise<StartedSession<Kind>> {
  const { member, kind, origin } = input;
  const now = deps.clock.now();
  const session: Session = {
    id: newId('ses', deps),
    memberId: member.id,
    kind,
    createdAt: now,
    expiresAt: new Date(now.getTime() + SESSION_LIFETIME_SECONDS[kind] * 1000),
    authenticatedAt: now,
    lastSeenAt: now,
    lastSeenFrom: origin.ip,
    userAgent: origin.userAgent,
  };
  await insertSession(tx, session, member.generation);
  const held = await HANDING_OUT[kind](tx, deps, member, session);
  return { ...held, sessionId: session.id, endsAt: session.expiresAt };
}

type HandOut<Kind extends SessionKind> = (
  tx: Transaction,
  deps: SessionDeps,
  member: SessionMember,
  session: Session,
) => Promise<Held[Kind]>;

const HANDING_OUT: { readonly [Kind in SessionKind]: HandOut<Kind> } = {
  async api(tx, deps, member, session) {
    const refreshToken = generateSecret('refresh', deps.random);
    await insertRefreshToken(tx, session.id, deps.digest(refreshToken), session.createdAt);
    return { ...signFor(deps.accessTokens, member, session, session.createdAt), refreshToken };
  },
  async browser(tx, deps, _member, session) {
    const cookie = generateSecret('cookie', deps.random);
    await replaceCookie(tx, session.id, deps.digest(cookie));
    return { cookie };
  },
};

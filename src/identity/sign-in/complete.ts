import { append } from '../../audit/events/append.ts';
import type { NewEvent, RequestOrigin } from '../../audit/events/event.ts';
import type { Transaction } from '../../db/connection.ts';
import type { Notice } from '../../mail/texts.ts';
import { type MailDeps, mailNotice } from '../members/notices.ts';
import { beginSession, type SessionDeps, type StartedSession } from '../sessions/begin.ts';
import type { SessionKind } from '../sessions/session.ts';
import type { SecondFactor } from '../totp/second-factor.ts';
import { bindDevice, type Device, isBound } from './device.ts';
import type { SignInKeys } from './keys.ts';
import type { SigningMember } from './member.ts';
import { markSignedIn } from './member-store.ts';
import { hasSignedInWith } from './session-store.ts';

export interface SignedIn<Kind extends SessionKind = 'api'> {
  readonly outcome: 'signed_in';
  readonly member: SigningMember;
  readonly session: StartedSession<Kind>;
  /** What the browser is to send along when the member signs in the next time. */
  readonly deviceCookie: string;
  /** What its owner is to hear of by mail, once it has happened. */
  readonly notice: Notice | undefined;
}

export interface Completion<Kind extends SessionKind> {
  /** Locked, and as it is now. */
  readonly member: SigningMember;
  readonly device: Device | undefined;
  readonly secondFactor?: SecondFactor;
  readonly kind: Kind;
  readonly origin: RequestOrigin;
}

export interface CompletionDeps extends SessionDeps {
  readonly signInKeys: SignInKeys;
}

/** Begins the session of a member that has proved who it is by all that it takes. Last in its transaction. */
export async function completeSignIn<Kind extends SessionKind>(
  tx: Transaction,
  deps: CompletionDeps,
  completion: Completion<Kind>,
): Promise<SignedIn<Kind>> {
  const { member, device, secondFactor, kind, origin } = completion;
  const notice = await noticeOf(tx, deps.signInKeys, completion);
  await markSignedIn(tx, member.id, deps.clock.now());
  const session = await beginSession(tx, deps, { member, kind, origin });
  const actor = { type: 'member', id: member.id, name: member.name } as const;
  const about = {
    workspaceId: member.workspaceId,
    environment: null,
    outcome: 'success',
    actor,
    request: origin,
  } as const;
  const used: NewEvent[] =
    secondFactor === 'recovery_code' ? [{ ...about, action: 'member.recovery_code_used', targets: [actor] }] : [];
  const targets = [actor, { type: 'session', id: session.sessionId, name: null } as const];
  await append(tx, deps, [...used, { ...about, action: 'member.signed_in', targets }]);
  return {
    outcome: 'signed_in',
    member,
    session,
    deviceCookie: bindDevice(deps.signInKeys, device, member, deps.random),
    notice,
  };
}

/** Clients that keep no cookies are known by what they call themselves: a script that signs in daily is told of once. */
async function noticeOf(
  tx: Transaction,
  keys: SignInKeys,
  { member, device, secondFactor, origin }: Completion<SessionKind>,
): Promise<Notice | undefined> {
  if (secondFactor === 'recovery_code') return 'recovery_code_used';
  const isKnown = device !== undefined && isBound(keys, device, member);
  if (isKnown || member.lastSignedInAt === null) return undefined;
  return (await hasSignedInWith(tx, member.id, origin.userAgent)) ? undefined : 'new_device';
}

/** To be called after the commit. */
export function tellOwner<Result extends Pick<SignedIn, 'notice' | 'member'>>(
  deps: MailDeps,
  origin: RequestOrigin,
  signedIn: Result,
): Result {
  const { notice, member } = signedIn;
  if (notice !== undefined) mailNotice(deps, origin, { notice, ...member });
  return signedIn;
}

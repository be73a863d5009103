import type { RequestOrigin } from '../../audit/events/event.ts';
import { inTransaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { Id } from '../../lib/ids.ts';
import type { SessionKind } from '../sessions/session.ts';
import type { SecondFactorKeys } from '../totp/keys.ts';
import { verifySecondFactor } from '../totp/second-factor.ts';
import { ANYBODY, type Attempt, fail, requireUnlocked, tell } from './attempt.ts';
import { CODES_PER_CHALLENGE } from './challenge.ts';
import { countAttempt, deleteChallenge } from './challenge-store.ts';
import { completeSignIn, type SignedIn, tellOwner } from './complete.ts';
import { readDevice } from './device.ts';
import { clearFailures, lockedError } from './lockout.ts';
import { deviceCounter, type SignInDeps } from './login.ts';
import type { SigningMember } from './member.ts';
import { lockSigning, selectSigning } from './member-store.ts';

export interface CodeInput<Kind extends SessionKind> {
  readonly temporaryToken: string;
  /** Six digits of the authenticator app, or a recovery code. */
  readonly code: string;
  readonly deviceCookie: string | undefined;
  readonly kind: Kind;
}

export interface CodeDeps extends SignInDeps {
  readonly secondFactorKeys: SecondFactorKeys;
}

/**
 * Completes a sign-in by its second factor. A temporary token completes one at most, takes five codes, and dies with
 * whatever else was issued to the member before.
 *
 * @throws ServiceError `invalid_credentials`, whether code or token is no good; `account_locked`
 */
export async function verifyCode<Kind extends SessionKind>(
  deps: CodeDeps,
  input: CodeInput<Kind>,
  origin: RequestOrigin,
): Promise<SignedIn<Kind>> {
  const { challengeId, member } = await takeChallenge(deps, input.temporaryToken, origin);
  const device = readDevice(deps.signInKeys, input.deviceCookie);
  const account = deps.signInKeys.accountCounter(member.workspaceId, member.email);
  const counter = deviceCounter(deps.signInKeys, device, member) ?? account;
  const attempt: Attempt = { workspaceId: member.workspaceId, member, counter, actor: ANYBODY, origin };
  await requireUnlocked(deps, attempt);
  const signedIn = await inTransaction(deps.db, async (tx) => {
    const current = await lockSigning(tx, member.workspaceId, member.id);
    if (current?.generation !== member.generation) throw new ServiceError('invalid_credentials');
    const now = deps.clock.now();
    const secondFactor = await verifySecondFactor(tx, deps, current.id, input.code, now);
    if (secondFactor === undefined) return undefined;
    // From here on whatever fails takes back that the code is used up. Of two that hold one token, the second finds it gone.
    if (!(await deleteChallenge(tx, challengeId))) throw new ServiceError('invalid_credentials');
    const lockedUntil = await clearFailures(tx, counter, now);
    if (lockedUntil !== undefined) throw lockedError(lockedUntil, now);
    return await completeSignIn(tx, deps, { member: current, device, secondFactor, kind: input.kind, origin });
  });
  return tellOwner(deps, origin, signedIn ?? (await fail(deps, attempt, 'totp')));
}

/**
 * Takes one of the codes that a challenge allows, in a statement of its own before the code is looked at: whatever becomes
 * of the rest, it is used up. Without a good token nothing is guessed, so that is no failure of anybody's.
 */
async function takeChallenge(
  deps: CodeDeps,
  temporaryToken: string,
  origin: RequestOrigin,
): Promise<{ readonly challengeId: Id<'chl'>; readonly member: SigningMember }> {
  const claims = deps.accessTokens.readTemporary(temporaryToken);
  const member = claims && (await selectSigning(deps.db, claims.workspaceId, claims.memberId));
  const challenge = claims && { id: claims.challengeId, memberId: claims.memberId };
  const generation = challenge && (await countAttempt(deps.db, challenge, CODES_PER_CHALLENGE, deps.clock.now()));
  if (challenge === undefined || member === undefined || member.generation !== generation) {
    void tell(deps, { workspaceId: claims?.workspaceId ?? null, member, actor: ANYBODY, origin }, 'challenge');
    throw new ServiceError('invalid_credentials');
  }
  return { challengeId: challenge.id, member };
}

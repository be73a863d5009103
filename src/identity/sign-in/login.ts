import type { RequestOrigin } from '../../audit/events/event.ts';
import { inTransaction } from '../../db/connection.ts';
import { normalizeEmail } from '../../lib/email.ts';
import type { Passwords } from '../passwords/passwords.ts';
import type { SessionKind } from '../sessions/session.ts';
import { hasSecondFactor } from '../totp/second-factor.ts';
import { ANYBODY, type Attempt, type AttemptDeps, fail, isPasswordRight, laneOf } from './attempt.ts';
import { beginChallenge, CHALLENGE_SECONDS } from './challenge.ts';
import { type CompletionDeps, completeSignIn, type SignedIn, tellOwner } from './complete.ts';
import { type Device, isBound, readDevice } from './device.ts';
import { clearFailures, readLock } from './lockout.ts';
import type { SigningMember } from './member.ts';
import { lockSigning, replaceHash, selectByEmail } from './member-store.ts';
import { resolveWorkspace } from './workspace.ts';

export interface LoginInput<Kind extends SessionKind> {
  readonly email: string;
  readonly password: string;
  /** Id or name; needed where the installation has several. */
  readonly workspace?: string | undefined;
  /** The device cookie, as it came. */
  readonly deviceCookie: string | undefined;
  readonly kind: Kind;
}

/** The password was right; now for the code. */
export interface SecondFactorRequired {
  readonly outcome: 'second_factor_required';
  readonly temporaryToken: string;
  readonly expiresInSeconds: number;
}

export interface SignInDeps extends AttemptDeps, CompletionDeps {
  readonly passwords: Passwords;
}

/**
 * Signs a member in by its password, or as far as that goes. Whoever has no account here, is not to sign in or has not joined
 * yet cannot be told from somebody who mistypes its password: the same statements, one argon2 verification, the same
 * answer, and the same lock.
 *
 * @throws ServiceError `invalid_credentials`, `account_locked`; `validation_failed` if it is not clear which workspace is
 * meant, whoever asks; `unavailable` if too many passwords wait to be verified
 */
export async function login<Kind extends SessionKind>(
  deps: SignInDeps,
  input: LoginInput<Kind>,
  origin: RequestOrigin,
): Promise<SignedIn<Kind> | SecondFactorRequired> {
  const { attempt, device } = await beginAttempt(deps, input, origin);
  const { member } = attempt;
  const isRight = await isPasswordRight(deps, attempt, input.password);
  if (member === undefined || !isRight) return await fail(deps, attempt, member === undefined ? 'unknown' : 'password');
  const newHash = deps.passwords.isOutdated(member.passwordHash)
    ? await deps.passwords.hash(input.password, laneOf(origin))
    : undefined;
  const outcome = await inTransaction(deps.db, async (tx) => {
    const current = await lockSigning(tx, member.workspaceId, member.id);
    // Meanwhile the password was changed, or the member removed.
    if (current === undefined || current.passwordHash !== member.passwordHash) return 'password';
    if (await hasSecondFactor(tx, current.id)) {
      if ((await readLock(tx, attempt.counter, deps.clock.now())) !== undefined) return 'locked';
      if (newHash !== undefined) await replaceHash(tx, current.id, newHash);
      const temporaryToken = await beginChallenge(tx, deps, current);
      return { outcome: 'second_factor_required', temporaryToken, expiresInSeconds: CHALLENGE_SECONDS } as const;
    }
    if ((await clearFailures(tx, attempt.counter, deps.clock.now())) !== undefined) return 'locked';
    if (newHash !== undefined) await replaceHash(tx, current.id, newHash);
    return await completeSignIn(tx, deps, { member: current, device, kind: input.kind, origin });
  });
  if (typeof outcome === 'string') return await fail(deps, attempt, outcome);
  return outcome.outcome === 'signed_in' ? tellOwner(deps, origin, outcome) : outcome;
}

async function beginAttempt(
  { db, signInKeys }: Pick<SignInDeps, 'db' | 'signInKeys'>,
  input: Pick<LoginInput<SessionKind>, 'email' | 'workspace' | 'deviceCookie'>,
  origin: RequestOrigin,
): Promise<{ readonly attempt: Attempt; readonly device: Device | undefined }> {
  const email = normalizeEmail(input.email);
  const workspaceId = await resolveWorkspace(db, input.workspace);
  const member = await selectByEmail(db, workspaceId, email);
  const device = readDevice(signInKeys, input.deviceCookie);
  const account = signInKeys.accountCounter(workspaceId ?? input.workspace ?? '', email);
  return {
    device,
    attempt: {
      workspaceId: workspaceId ?? null,
      member,
      counter: (member && deviceCounter(signInKeys, device, member)) ?? account,
      actor: ANYBODY,
      origin,
    },
  };
}

/** What counts where the member has signed in before; undefined elsewhere. */
export function deviceCounter(
  signInKeys: SignInDeps['signInKeys'],
  device: Device | undefined,
  member: Pick<SigningMember, 'id' | 'generation'>,
): Attempt['counter'] | undefined {
  if (device === undefined || !isBound(signInKeys, device, member)) return undefined;
  return signInKeys.deviceCounter(device.secret, member.id);
}

import { append } from '../../audit/events/append.ts';
import { ServiceError } from '../../lib/errors.ts';
import { type MailDeps, mailNotice } from '../members/notices.ts';
import type { MemberCaller } from '../principal.ts';
import { fail, isPasswordRight } from '../sign-in/attempt.ts';
import { clearFailures, lockedError } from '../sign-in/lockout.ts';
import { beginOwnAttempt } from '../sign-in/own-attempt.ts';
import type { CodeDeps } from '../sign-in/verify-code.ts';
import { encodeBase32 } from './base32.ts';
import { otpauthUri } from './otpauth.ts';
import { changeOwnFactor, factorEvent } from './own-change.ts';
import { qrSvg } from './qr-svg.ts';
import { giveRecoveryCodes } from './replace-codes.ts';
import { enableTotp, putPendingTotp, selectTotp } from './store.ts';
import { isTotpCode, matchingSteps, SECRET_BYTES } from './totp.ts';

/** What an authenticator app has to know, in the three ways in which it may be told. */
export interface Enrolment {
  /** In base 32, for typing. */
  readonly secret: string;
  readonly uri: string;
  readonly qrSvg: string;
}

interface EnrolmentInput {
  readonly password: string;
  readonly deviceCookie: string | undefined;
}

/** Whoever starts has this long to enter a code: a secret that was shown and forgotten is good for nothing later. */
export const ENROLMENT_SECONDS = 3_600;

/**
 * Makes a secret for an authenticator app of the caller, in the place of one that was started before. Nothing asks for its
 * codes before {@link enable}.
 *
 * @throws ServiceError `invalid_credentials` about the password; `account_locked`; `conflict` if an app is enabled
 */
export async function startEnrolment(
  deps: CodeDeps,
  caller: MemberCaller,
  { password, deviceCookie }: EnrolmentInput,
): Promise<Enrolment> {
  const attempt = await beginOwnAttempt(deps, caller, deviceCookie);
  if (!(await isPasswordRight(deps, attempt, password))) return await fail(deps, attempt, 'password');
  const secret = deps.random.bytes(SECRET_BYTES);
  const member = await changeOwnFactor(deps, caller, async (tx, current, now) => {
    const lockedUntil = await clearFailures(tx, attempt.counter, now);
    if (lockedUntil !== undefined) throw lockedError(lockedUntil, now);
    const stored = await selectTotp(tx, current.id);
    if (stored !== undefined && stored.enabledAt !== null) throw new ServiceError('conflict', { message: IS_ON });
    const sealedSecret = deps.secondFactorKeys.sealSecret(current.id, secret, deps.random);
    await putPendingTotp(tx, current.id, { sealedSecret, createdAt: now });
    return current;
  });
  const uri = otpauthUri(secret, { issuer: `Tooken (${member.workspaceName})`, account: member.email });
  return { secret: encodeBase32(secret), uri, qrSvg: qrSvg(uri) };
}

/**
 * Turns the second factor on, with a code of the app, which is used up by that. From the next sign-in on it is asked for. Sessions
 * go on: each began with what was asked for then, and whoever distrusts one can end it.
 *
 * Returns the recovery codes, which nobody can read again.
 *
 * @throws ServiceError `invalid_credentials` about the code; `conflict` if nothing was started, or an app is enabled
 */
export async function enable(deps: CodeDeps & MailDeps, caller: MemberCaller, code: string): Promise<string[]> {
  const { member, codes } = await changeOwnFactor(deps, caller, async (tx, current, now) => {
    const stored = await selectTotp(tx, current.id);
    if (stored !== undefined && stored.enabledAt !== null) throw new ServiceError('conflict', { message: IS_ON_NOW });
    if (stored === undefined || now.getTime() - stored.createdAt.getTime() > ENROLMENT_SECONDS * 1000) {
      throw new ServiceError('conflict', { message: NOT_STARTED });
    }
    const text = code.replace(/\s/g, '');
    const secret = deps.secondFactorKeys.openSecret(current.id, stored.sealedSecret);
    const step = isTotpCode(text) ? matchingSteps(secret, text, now).at(-1) : undefined;
    if (step === undefined) throw new ServiceError('invalid_credentials', { message: WRONG_CODE });
    await enableTotp(tx, current.id, now, step);
    const codes = await giveRecoveryCodes(tx, deps, current.id);
    await append(tx, deps, [factorEvent('member.totp_enabled', caller)]);
    return { member: current, codes };
  });
  mailNotice(deps, caller.request, { ...member, notice: 'totp_enabled' });
  return codes;
}

const IS_ON =
  'An authenticator app is enabled already. Turn it off with DELETE /v1/auth/totp before you enrol another one.';
const IS_ON_NOW =
  'The authenticator app is enabled already. Should you lack its recovery codes, POST /v1/auth/totp/recovery-codes makes new ones.';
const NOT_STARTED = 'There is no app to enable, or it was started over an hour ago. Start with POST /v1/auth/totp.';
const WRONG_CODE =
  'The code is not right. Check that the clock of your device is, and enter the code that the app shows now.';

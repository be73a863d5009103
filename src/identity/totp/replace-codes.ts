import { append } from '../../audit/events/append.ts';
import type { Transaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { MemberId } from '../../lib/ids.ts';
import { type MailDeps, mailNotice } from '../members/notices.ts';
import type { MemberCaller } from '../principal.ts';
import { fail, requireUnlocked } from '../sign-in/attempt.ts';
import { clearFailures, lockedError } from '../sign-in/lockout.ts';
import { beginOwnAttempt, countingCodes } from '../sign-in/own-attempt.ts';
import type { CodeDeps } from '../sign-in/verify-code.ts';
import { changeOwnFactor, factorEvent } from './own-change.ts';
import { formatRecoveryCode, generateRecoveryCodes } from './recovery-codes.ts';
import { hasSecondFactor, verifySecondFactor } from './second-factor.ts';
import { replaceRecoveryCodes } from './store.ts';

interface ReplacementInput {
  /** Six digits of the app, or one of the codes that are replaced. */
  readonly code: string;
  readonly deviceCookie: string | undefined;
}

/**
 * Gives the caller new recovery codes; older ones are dead, used or not. It takes the second factor itself: with a stolen
 * session and the password, new codes would be a way around it.
 *
 * @throws ServiceError `conflict` without a second factor; `invalid_credentials` about the code; `account_locked`
 */
export async function replaceOwnCodes(
  deps: CodeDeps & MailDeps,
  caller: MemberCaller,
  { code, deviceCookie }: ReplacementInput,
): Promise<string[]> {
  const attempt = countingCodes(deps, await beginOwnAttempt(deps, caller, deviceCookie));
  if (!(await hasSecondFactor(deps.db, attempt.member.id))) throw new ServiceError('conflict', { message: IS_OFF });
  await requireUnlocked(deps, attempt);
  const codes = await changeOwnFactor(deps, caller, async (tx, current, now) => {
    if ((await verifySecondFactor(tx, deps, current.id, code, now)) === undefined) return undefined;
    // From here on whatever fails takes back that the code is used up.
    const lockedUntil = await clearFailures(tx, attempt.counter, now);
    if (lockedUntil !== undefined) throw lockedError(lockedUntil, now);
    const made = await giveRecoveryCodes(tx, deps, current.id);
    await append(tx, deps, [factorEvent('member.recovery_codes_created', caller)]);
    return made;
  });
  if (codes === undefined) return await fail(deps, attempt, 'totp');
  mailNotice(deps, caller.request, { ...attempt.member, notice: 'recovery_codes_replaced' });
  return codes;
}

/** Makes recovery codes, in the place of all that the member had, and returns them: here and never again. */
export async function giveRecoveryCodes(
  tx: Transaction,
  { random, secondFactorKeys }: Pick<CodeDeps, 'random' | 'secondFactorKeys'>,
  memberId: MemberId,
): Promise<string[]> {
  const codes = generateRecoveryCodes(random);
  await replaceRecoveryCodes(
    tx,
    memberId,
    codes.map((code) => secondFactorKeys.digestCode(memberId, code)),
  );
  return codes.map(formatRecoveryCode);
}

const IS_OFF = 'There is no second factor that they could stand in for. Start with POST /v1/auth/totp.';

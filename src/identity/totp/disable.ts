import { append } from '../../audit/events/append.ts';
import type { Effective, Fence } from '../../coherence/fence.ts';
import { invalidate } from '../../coherence/invalidate.ts';
import { ServiceError } from '../../lib/errors.ts';
import { type MailDeps, mailNotice } from '../members/notices.ts';
import type { MemberCaller } from '../principal.ts';
import { endAllSessions } from '../sessions/end.ts';
import { fail, isPasswordRight, requireUnlocked } from '../sign-in/attempt.ts';
import { clearFailures, lockedError } from '../sign-in/lockout.ts';
import { beginOwnAttempt, countingCodes } from '../sign-in/own-attempt.ts';
import type { CodeDeps } from '../sign-in/verify-code.ts';
import { changeOwnFactor, factorEvent } from './own-change.ts';
import { hasSecondFactor, verifySecondFactor } from './second-factor.ts';
import { removeTotp } from './store.ts';

interface DisableInput {
  readonly password: string;
  /** Six digits of the app, or a recovery code. */
  readonly code: string;
  readonly deviceCookie: string | undefined;
}

/**
 * Turns the second factor of the caller off. It takes both factors: a stolen session and a password that somebody has looked at
 * must not be enough to be rid of the very thing that stands in their way. By the time this answers whatever was issued
 * to the member is dead everywhere, this session too.
 *
 * Wrong codes count by themselves, under the member: those of the session are forgotten with each right password.
 *
 * @throws ServiceError `conflict` without a second factor; `invalid_credentials`, whichever is wrong; `account_locked`
 */
export async function disable(
  deps: CodeDeps & MailDeps & { readonly fence: Fence },
  caller: MemberCaller,
  { password, code, deviceCookie }: DisableInput,
): Promise<Effective> {
  const attempt = await beginOwnAttempt(deps, caller, deviceCookie);
  const { member, origin } = attempt;
  const codeAttempt = countingCodes(deps, attempt);
  if (!(await hasSecondFactor(deps.db, member.id))) throw new ServiceError('conflict', { message: IS_OFF });
  await requireUnlocked(deps, codeAttempt);
  if (!(await isPasswordRight(deps, attempt, password))) return await fail(deps, attempt, 'password');
  const invalidated = await changeOwnFactor(deps, caller, async (tx, current, now) => {
    if ((await verifySecondFactor(tx, deps, current.id, code, now)) === undefined) return undefined;
    for (const { counter } of [attempt, codeAttempt]) {
      // From here on whatever fails takes back that the code is used up.
      const lockedUntil = await clearFailures(tx, counter, now);
      if (lockedUntil !== undefined) throw lockedError(lockedUntil, now);
    }
    await removeTotp(tx, current.id);
    await endAllSessions(tx, current.id, 'totp_disabled', now);
    const noted = await invalidate(tx, [current.id]);
    await append(tx, deps, [factorEvent('member.totp_disabled', caller)]);
    return noted;
  });
  if (invalidated === undefined) return await fail(deps, codeAttempt, 'totp');
  mailNotice(deps, origin, { ...member, notice: 'totp_disabled' });
  return await deps.fence(invalidated);
}

const IS_OFF = 'There is no second factor to turn off.';

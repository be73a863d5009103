import { append } from '../../audit/events/append.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { IdSource, MemberId } from '../../lib/ids.ts';
import { type MailDeps, mailNotice } from '../members/notices.ts';
import type { MemberCaller } from '../principal.ts';
import type { SecondFactorKeys } from './keys.ts';
import { changeOwnFactor, factorEvent } from './own-change.ts';
import { formatRecoveryCode, generateRecoveryCodes } from './recovery-codes.ts';
import { hasSecondFactor } from './second-factor.ts';
import { replaceRecoveryCodes } from './store.ts';

interface CodesDeps extends IdSource {
  readonly db: Database;
  readonly secondFactorKeys: SecondFactorKeys;
}

/**
 * Gives the caller new recovery codes; older ones are dead, used or not.
 *
 * @throws ServiceError `conflict` without a second factor
 */
export async function replaceOwnCodes(deps: CodesDeps & MailDeps, caller: MemberCaller): Promise<string[]> {
  const { member, codes } = await changeOwnFactor(deps, caller, async (tx, current) => {
    if (!(await hasSecondFactor(tx, current.id))) throw new ServiceError('conflict', { message: IS_OFF });
    const codes = await giveRecoveryCodes(tx, deps, current.id);
    await append(tx, deps, [factorEvent('member.recovery_codes_created', caller)]);
    return { member: current, codes };
  });
  mailNotice(deps, caller.request, { ...member, notice: 'recovery_codes_replaced' });
  return codes;
}

/** Makes recovery codes, in the place of all that the member had, and returns them: here and never again. */
export async function giveRecoveryCodes(
  tx: Transaction,
  { random, secondFactorKeys }: Pick<CodesDeps, 'random' | 'secondFactorKeys'>,
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

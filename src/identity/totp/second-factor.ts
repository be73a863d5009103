import type { Database, Transaction } from '../../db/connection.ts';
import type { MemberId } from '../../lib/ids.ts';
import type { SecondFactorKeys } from './keys.ts';
import { parseRecoveryCode } from './recovery-codes.ts';
import { selectTotp, useRecoveryCode, useStep } from './store.ts';
import { isTotpCode, matchingSteps } from './totp.ts';

interface SecondFactorDeps {
  readonly secondFactorKeys: SecondFactorKeys;
}

/** Which of the two a code was. */
export type SecondFactor = 'totp' | 'recovery_code';

/**
 * Checks a code of a member, and uses it up: six digits are of its authenticator app, anything else a recovery code. Spaces and
 * dashes do not matter. Undefined if it is wrong, was used before, or there is no second factor. Whatever races, a code works
 * once; what the transaction does not commit has not happened.
 *
 * Lock the member's row before, as whoever changes its second factor does.
 */
export async function verifySecondFactor(
  tx: Transaction,
  { secondFactorKeys }: SecondFactorDeps,
  memberId: MemberId,
  code: string,
  now: Date,
): Promise<SecondFactor | undefined> {
  const stored = await selectTotp(tx, memberId);
  if (stored === undefined || stored.enabledAt === null) return undefined;
  const text = code.replace(/[\s-]/g, '');
  if (isTotpCode(text)) {
    const secret = secondFactorKeys.openSecret(memberId, stored.sealedSecret);
    for (const step of matchingSteps(secret, text, now)) {
      if (await useStep(tx, memberId, step)) return 'totp';
    }
    return undefined;
  }
  const recoveryCode = parseRecoveryCode(code);
  if (recoveryCode === undefined) return undefined;
  const digest = secondFactorKeys.digestCode(memberId, recoveryCode);
  return (await useRecoveryCode(tx, memberId, digest, now)) ? 'recovery_code' : undefined;
}

/** Whether the member has turned a second factor on. */
export async function hasSecondFactor(executor: Database | Transaction, memberId: MemberId): Promise<boolean> {
  const stored = await selectTotp(executor, memberId);
  return stored !== undefined && stored.enabledAt !== null;
}

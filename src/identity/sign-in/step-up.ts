import { append } from '../../audit/events/append.ts';
import type { NewEvent } from '../../audit/events/event.ts';
import { inTransaction, type Transaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import { mailNotice } from '../members/notices.ts';
import { actorOf, type MemberCaller } from '../principal.ts';
import { signFor } from '../sessions/sign-for.ts';
import { type SecondFactor, verifySecondFactor } from '../totp/second-factor.ts';
import { fail, isPasswordRight, requireUnlocked } from './attempt.ts';
import { clearFailures, lockedError } from './lockout.ts';
import type { SigningMember } from './member.ts';
import { lockSigning } from './member-store.ts';
import { beginOwnAttempt } from './own-attempt.ts';
import { markAuthenticated } from './session-store.ts';
import type { CodeDeps } from './verify-code.ts';

/** What proves who somebody is: its password, or a code of its second factor. */
export type Proof = { readonly password: string } | { readonly code: string };

export interface SteppedUp {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
}

/**
 * Proves anew who a signed-in member is. The access token that this returns is of the same session, and says when that was;
 * the one from before stays good for what takes no proof.
 *
 * @throws ServiceError `invalid_credentials`; `account_locked` after five in a row, in this session
 */
export async function stepUp(
  deps: CodeDeps,
  caller: MemberCaller,
  proof: Proof,
  deviceCookie: string | undefined,
): Promise<SteppedUp> {
  const attempt = await beginOwnAttempt(deps, caller, deviceCookie);
  const { member } = attempt;
  if ('code' in proof) await requireUnlocked(deps, attempt);
  else if (!(await isPasswordRight(deps, attempt, proof.password))) return await fail(deps, attempt, 'password');
  const steppedUp = await inTransaction(deps.db, async (tx) => {
    const current = await lockSigning(tx, member.workspaceId, member.id);
    // The password that was right is another one by now, and so the session is over.
    if (current === undefined || current.passwordHash !== member.passwordHash) throw new ServiceError('unauthorized');
    const now = deps.clock.now();
    const factor = 'password' in proof ? 'password' : await verifySecondFactor(tx, deps, current.id, proof.code, now);
    if (factor === undefined) return undefined;
    const lockedUntil = await clearFailures(tx, attempt.counter, now);
    if (lockedUntil !== undefined) throw lockedError(lockedUntil, now);
    return { factor, ...(await renew(tx, deps, caller, { member: current, factor })) };
  });
  if (steppedUp === undefined) return await fail(deps, attempt, 'totp');
  const { factor, ...tokens } = steppedUp;
  if (factor === 'recovery_code') mailNotice(deps, caller.request, { notice: 'recovery_code_used', ...member });
  return tokens;
}

async function renew(
  tx: Transaction,
  deps: CodeDeps,
  { principal, request }: MemberCaller,
  { member, factor }: { readonly member: SigningMember; readonly factor: SecondFactor | 'password' },
): Promise<SteppedUp> {
  const now = deps.clock.now();
  const { sessionId, workspaceId } = principal;
  const expiresAt = await markAuthenticated(tx, sessionId, member, now);
  if (expiresAt === undefined) throw new ServiceError('unauthorized');
  const actor = { type: 'member', id: member.id, name: member.name } as const;
  const about = { workspaceId, environment: null, outcome: 'success', actor: actorOf(principal), request } as const;
  const used: NewEvent[] =
    factor === 'recovery_code' ? [{ ...about, action: 'member.recovery_code_used', targets: [actor] }] : [];
  const targets = [actor, { type: 'session', id: sessionId, name: null } as const];
  await append(tx, deps, [...used, { ...about, action: 'member.stepped_up', targets }]);
  return signFor(deps.accessTokens, member, { id: sessionId, authenticatedAt: now, expiresAt }, now);
}

import { append } from '../../audit/events/append.ts';
import { inTransaction, type Transaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import { actorOf, type MemberCaller } from '../principal.ts';
import { signFor } from '../sessions/sign-for.ts';
import { verifySecondFactor } from '../totp/second-factor.ts';
import { fail, laneOf, requireUnlocked } from './attempt.ts';
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
  await requireUnlocked(deps, attempt);
  if ('password' in proof) {
    const isRight = await deps.passwords.verify(proof.password, member.passwordHash, laneOf(attempt.origin));
    if (!isRight) return await fail(deps, attempt, 'password');
  }
  const steppedUp = await inTransaction(deps.db, async (tx) => {
    const current = await lockSigning(tx, member.workspaceId, member.id);
    // The password that was right is another one by now, and so the session is over.
    if (current === undefined || current.passwordHash !== member.passwordHash) throw new ServiceError('unauthorized');
    if (!('password' in proof) && !(await isGoodCode(tx, deps, current, proof.code))) return undefined;
    const now = deps.clock.now();
    const lockedUntil = await clearFailures(tx, attempt.counter, now);
    if (lockedUntil !== undefined) throw lockedError(lockedUntil, now);
    return await renew(tx, deps, caller, current);
  });
  return steppedUp ?? (await fail(deps, attempt, 'totp'));
}

async function isGoodCode(tx: Transaction, deps: CodeDeps, { id }: SigningMember, code: string): Promise<boolean> {
  return (await verifySecondFactor(tx, deps, id, code, deps.clock.now())) !== undefined;
}

async function renew(
  tx: Transaction,
  deps: CodeDeps,
  { principal, request }: MemberCaller,
  member: SigningMember,
): Promise<SteppedUp> {
  const now = deps.clock.now();
  const { sessionId, workspaceId } = principal;
  const expiresAt = await markAuthenticated(tx, sessionId, member, now);
  if (expiresAt === undefined) throw new ServiceError('unauthorized');
  await append(tx, deps, [
    {
      workspaceId,
      environment: null,
      action: 'member.stepped_up',
      outcome: 'success',
      actor: actorOf(principal),
      targets: [
        { type: 'member', id: member.id, name: member.name },
        { type: 'session', id: sessionId, name: null },
      ],
      request,
    },
  ]);
  return signFor(deps.accessTokens, member, { id: sessionId, authenticatedAt: now, expiresAt }, now);
}

import { append } from '../../audit/events/append.ts';
import type { NewEvent } from '../../audit/events/event.ts';
import { generateSecret, type OpaqueSecret } from '../../credentials/opaque-secret.ts';
import { inTransaction, type Transaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import { mailNotice } from '../members/notices.ts';
import { actorOf, type MemberCaller } from '../principal.ts';
import { replaceCookie } from '../sessions/browser-store.ts';
import type { Session, SessionKind } from '../sessions/session.ts';
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

/** What takes the place of what was held of the session, by its kind. */
export interface SteppedUp {
  readonly api: { readonly accessToken: string; readonly expiresInSeconds: number };
  readonly browser: { readonly cookie: OpaqueSecret };
}

export interface StepUp<Kind extends SessionKind> {
  readonly proof: Proof;
  readonly deviceCookie: string | undefined;
  readonly kind: Kind;
}

/**
 * Proves anew who a signed-in member is. The access token that this returns is of the same session, and says when that was;
 * the one from before stays good for what takes no proof. A browser gets another cookie, and that from before is dead: what a
 * proof has opened is not open to whoever had seen or set the cookie before it (OWASP: session fixation).
 *
 * @throws ServiceError `invalid_credentials`; `account_locked` after five in a row, in this session
 */
export async function stepUp<Kind extends SessionKind>(
  deps: CodeDeps,
  caller: MemberCaller,
  { proof, deviceCookie, kind }: StepUp<Kind>,
): Promise<SteppedUp[Kind]> {
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
    return { factor, held: await renew(tx, deps, caller, { member: current, factor, kind }) };
  });
  if (steppedUp === undefined) return await fail(deps, attempt, 'totp');
  const { factor, held } = steppedUp;
  if (factor === 'recovery_code') mailNotice(deps, caller.request, { notice: 'recovery_code_used', ...member });
  return held;
}

async function renew<Kind extends SessionKind>(
  tx: Transaction,
  deps: CodeDeps,
  { principal, request }: MemberCaller,
  { member, factor, kind }: Renewal<Kind>,
): Promise<SteppedUp[Kind]> {
  const now = deps.clock.now();
  const { sessionId, workspaceId } = principal;
  const expiresAt = await markAuthenticated(tx, sessionId, member, now);
  if (expiresAt === undefined) throw new ServiceError('unauthorized');
  const held = await HANDING_OUT[kind](tx, deps, member, { id: sessionId, authenticatedAt: now, expiresAt });
  const actor = { type: 'member', id: member.id, name: member.name } as const;
  const about = { workspaceId, environment: null, outcome: 'success', actor: actorOf(principal), request } as const;
  const used: NewEvent[] =
    factor === 'recovery_code' ? [{ ...about, action: 'member.recovery_code_used', targets: [actor] }] : [];
  const targets = [actor, { type: 'session', id: sessionId, name: null } as const];
  await append(tx, deps, [...used, { ...about, action: 'member.stepped_up', targets }]);
  return held;
}

interface Renewal<Kind extends SessionKind> {
  readonly member: SigningMember;
  readonly factor: SecondFactor | 'password';
  readonly kind: Kind;
}

type HandOut<Kind extends SessionKind> = (
  tx: Transaction,
  deps: CodeDeps,
  member: SigningMember,
  session: Pick<Session, 'id' | 'authenticatedAt' | 'expiresAt'>,
) => Promise<SteppedUp[Kind]>;

const HANDING_OUT: { readonly [Kind in SessionKind]: HandOut<Kind> } = {
  async api(_tx, deps, member, session) {
    return signFor(deps.accessTokens, member, session, session.authenticatedAt);
  },
  async browser(tx, deps, _member, session) {
    const cookie = generateSecret('cookie', deps.random);
    await replaceCookie(tx, session.id, deps.digest(cookie));
    return { cookie };
  },
};

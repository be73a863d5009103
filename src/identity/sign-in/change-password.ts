import { append } from '../../audit/events/append.ts';
import type { Effective, Fence } from '../../coherence/fence.ts';
import { invalidate } from '../../coherence/invalidate.ts';
import { inTransaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import { deleteLinks } from '../links/store.ts';
import { mailNotice } from '../members/notices.ts';
import { requirePassword } from '../passwords/policy.ts';
import { actorOf, type MemberCaller } from '../principal.ts';
import { beginSession, type StartedSession } from '../sessions/begin.ts';
import { endAllSessions } from '../sessions/end.ts';
import type { SessionKind } from '../sessions/session.ts';
import { fail, isPasswordRight, laneOf } from './attempt.ts';
import { bindDevice, readDevice } from './device.ts';
import { clearFailures, lockedError } from './lockout.ts';
import type { SignInDeps } from './login.ts';
import { lockSigning, updatePassword } from './member-store.ts';
import { beginOwnAttempt } from './own-attempt.ts';
import { isSessionOpen } from './session-store.ts';

export interface PasswordChange<Kind extends SessionKind> {
  readonly currentPassword: string;
  readonly newPassword: string;
  readonly deviceCookie: string | undefined;
  /** Of the session that the change is made in, and of the one in its place. */
  readonly kind: Kind;
}

export interface ChangedPassword<Kind extends SessionKind> {
  /** In place of the session that the change was made in. */
  readonly session: StartedSession<Kind>;
  readonly deviceCookie: string;
  readonly effective: Effective;
}

/**
 * Gives a member another password. By the time this answers whatever was issued to it before is dead everywhere: sessions,
 * access tokens, sign-ins under way, links, and the standing of devices. Whoever makes the change goes on in a new session,
 * as people expect who are not thrown out by what they do to keep others out.
 *
 * @throws ServiceError `validation_failed` about `new_password`; `invalid_credentials` about the current one; `account_locked`
 */
export async function changePassword<Kind extends SessionKind>(
  deps: SignInDeps & { readonly fence: Fence },
  caller: MemberCaller,
  { currentPassword, newPassword, deviceCookie, kind }: PasswordChange<Kind>,
): Promise<ChangedPassword<Kind>> {
  const attempt = await beginOwnAttempt(deps, caller, deviceCookie);
  const { member, origin } = attempt;
  requirePassword(newPassword, member, 'new_password');
  if (!(await isPasswordRight(deps, attempt, currentPassword))) return await fail(deps, attempt, 'password');
  if (newPassword.normalize('NFKC') === currentPassword.normalize('NFKC')) {
    throw new ServiceError('validation_failed', { details: [{ path: 'new_password', message: SAME_MESSAGE }] });
  }
  const passwordHash = await deps.passwords.hash(newPassword, laneOf(origin));
  const { principal } = caller;
  const { invalidated, ...changed } = await inTransaction(deps.db, async (tx) => {
    const current = await lockSigning(tx, member.workspaceId, member.id);
    const now = deps.clock.now();
    const isOpen = current !== undefined && (await isSessionOpen(tx, principal.sessionId, current, now));
    // Somebody else has ended the session or changed the password meanwhile.
    if (current === undefined || !isOpen || current.passwordHash !== member.passwordHash) {
      throw new ServiceError('unauthorized');
    }
    const lockedUntil = await clearFailures(tx, attempt.counter, now);
    if (lockedUntil !== undefined) throw lockedError(lockedUntil, now);
    await updatePassword(tx, member.id, passwordHash, now);
    await deleteLinks(tx, member.id);
    await endAllSessions(tx, member.id, 'password_changed', now);
    const renewed = { ...current, generation: current.generation + 1 };
    const session = await beginSession(tx, deps, { member: renewed, kind, origin });
    const invalidated = await invalidate(tx, [member.id]);
    await append(tx, deps, [
      {
        workspaceId: member.workspaceId,
        environment: null,
        action: 'member.password_changed',
        outcome: 'success',
        actor: actorOf(principal),
        targets: [
          { type: 'member', id: current.id, name: current.name },
          { type: 'session', id: session.sessionId, name: null },
        ],
        request: origin,
      },
    ]);
    const device = readDevice(deps.signInKeys, deviceCookie);
    return { session, invalidated, deviceCookie: bindDevice(deps.signInKeys, device, renewed, deps.random) };
  });
  const effective = await deps.fence(invalidated);
  mailNotice(deps, origin, { notice: 'password_changed', ...member });
  return { ...changed, effective };
}

const SAME_MESSAGE = 'must not be the current one';

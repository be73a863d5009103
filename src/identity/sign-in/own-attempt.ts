import { ServiceError } from '../../lib/errors.ts';
import type { MemberCaller } from '../principal.ts';
import type { Attempt, AttemptDeps } from './attempt.ts';
import { readDevice } from './device.ts';
import type { SignInKeys } from './keys.ts';
import { deviceCounter } from './login.ts';
import type { SigningMember } from './member.ts';
import { selectSigning } from './member-store.ts';

/**
 * A signed-in member tries to prove anew who it is. Failures lock the session, and count where those of a sign-in from
 * there would: whoever has got hold of a session guesses no more often than anybody else. What strangers have done to the
 * account is no hindrance, since a lock stops signing in only.
 *
 * @throws ServiceError `unauthorized` if the member has lost its rights this very moment
 */
export async function beginOwnAttempt(
  { db, signInKeys }: Pick<AttemptDeps, 'db'> & { readonly signInKeys: SignInKeys },
  { principal, request }: MemberCaller,
  deviceCookie: string | undefined,
): Promise<Attempt & { readonly member: SigningMember }> {
  const { id, name, workspaceId, sessionId } = principal;
  const member = await selectSigning(db, workspaceId, id);
  if (member === undefined) throw new ServiceError('unauthorized');
  const account = signInKeys.accountCounter(workspaceId, member.email);
  return {
    workspaceId,
    member,
    counter: signInKeys.sessionCounter(sessionId),
    alsoCounted: deviceCounter(signInKeys, readDevice(signInKeys, deviceCookie), member) ?? account,
    actor: { type: 'member', id, name },
    origin: request,
  };
}

/** The same, where a code is needed whoever has the password: a right password makes the session forget its failures. */
export function countingCodes<Own extends Attempt & { readonly member: SigningMember }>(
  { signInKeys }: { readonly signInKeys: SignInKeys },
  attempt: Own,
): Own {
  return { ...attempt, counter: signInKeys.codeCounter(attempt.member.id) };
}

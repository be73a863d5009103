import { append } from '../../audit/events/append.ts';
import type { NewEvent, RequestOrigin } from '../../audit/events/event.ts';
import type { Effective } from '../../coherence/fence.ts';
import { invalidate } from '../../coherence/invalidate.ts';
import type { Once } from '../../credentials/idempotency.ts';
import type { Transaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { MemberId } from '../../lib/ids.ts';
import { createLink } from '../links/links.ts';
import { type Caller, principalIdOf } from '../principal.ts';
import { endAllSessions } from '../sessions/end.ts';
import type { SignInKeys } from '../sign-in/keys.ts';
import { deleteFailures } from '../sign-in/lockout-store.ts';
import { removeTotp } from '../totp/store.ts';
import { type ChoosingDeps, type Chosen, choosePassword } from './choose-password.ts';
import { memberEvent, ownEvent } from './events.ts';
import type { MemberWithLink } from './invite.ts';
import { lockManaged, type MemberDeps, manageMembers } from './manage.ts';
import type { Member } from './member.ts';
import { type MailDeps, mailNotice, mailResetLink } from './notices.ts';
import { selectWorkspaceName } from './store.ts';

interface ResetDeps extends ChoosingDeps, MemberDeps, MailDeps {
  readonly signInKeys: Pick<SignInKeys, 'accountCounter'>;
}

export interface ResetInput {
  /** The secret of a link. */
  readonly token: string;
  readonly password: string;
}

/**
 * Sets a new password by a link. By the time this answers all sessions of the member are over everywhere. A second factor
 * stays on.
 *
 * @throws ServiceError `invalid_credentials` whatever is wrong with the link; `validation_failed`
 */
export async function resetPassword(
  deps: ResetDeps,
  request: RequestOrigin,
  { token, password }: ResetInput,
): Promise<Chosen & { readonly effective: Effective }> {
  const choice = { token, password, kinds: ['reset'], request, become: (member: Member) => member } as const;
  const { result: invalidated, ...chosen } = await choosePassword(deps, choice, async (tx, { member }, now) => {
    await endAllSessions(tx, member.id, 'password_reset', now);
    // Failures were guesses at a password that is no more; who has the link was not the one that guessed.
    await deleteFailures(tx, deps.signInKeys.accountCounter(member.workspaceId, member.email ?? ''));
    await append(tx, deps, [ownEvent('member.password_reset', request, member)]);
    return invalidate(tx, [member.id]);
  });
  const effective = await deps.fence(invalidated);
  mailNotice(deps, request, { ...chosen, notice: 'password_changed', email: chosen.member.email });
  return { ...chosen, effective };
}

export interface ResetLinkOptions {
  /** Turns the second factor off as well, for who has lost that too. Operators only. */
  readonly withoutTotp?: boolean;
}

/**
 * Makes a link by which a member who is locked out sets a new password; links before it are dead. What the member has goes on
 * until then.
 *
 * @throws ServiceError `not_found`, `forbidden`; `conflict` for a member that has not joined, cannot sign in, or is removed
 */
export async function createResetLink(
  deps: MemberDeps & MailDeps,
  caller: Caller,
  id: MemberId,
  { withoutTotp = false }: ResetLinkOptions = {},
  once?: Once<MemberWithLink>,
): Promise<MemberWithLink> {
  const { invalidated, made, workspaceName } = await manageMembers(deps, caller, async (tx, manager) => {
    const member = await lockManaged(tx, caller, manager, id);
    await once?.claim(tx);
    if (member.status !== 'active' || !member.canSignIn) {
      throw new ServiceError('conflict', { message: whyNoReset(member) });
    }
    const mayDisable = withoutTotp && member.hasTotp && manager.kind === 'operator';
    const events = mayDisable ? [await disableTotp(tx, deps, caller, member)] : [];
    const order = { memberId: id, kind: 'reset', createdBy: principalIdOf(caller.principal) } as const;
    const made = {
      member: { ...member, hasTotp: member.hasTotp && !mayDisable },
      link: await createLink(tx, deps, order),
    };
    await once?.remember(tx, made);
    await append(tx, deps, [...events, memberEvent('member.reset_link_created', caller, member)]);
    const workspaceName = await selectWorkspaceName(tx, member.workspaceId);
    return { made, workspaceName, invalidated: mayDisable ? await invalidate(tx, [id]) : undefined };
  });
  if (invalidated !== undefined) await deps.fence(invalidated);
  mailResetLink(deps, { ...made, workspaceName });
  return made;
}

async function disableTotp(tx: Transaction, deps: MemberDeps, caller: Caller, member: Member): Promise<NewEvent> {
  await removeTotp(tx, member.id);
  await endAllSessions(tx, member.id, 'totp_disabled', deps.clock.now());
  return memberEvent('member.totp_disabled', caller, member);
}

function whyNoReset({ status, canSignIn }: Member): string {
  if (status === 'removed') return 'This member was removed.';
  if (!canSignIn) return 'This member is an account that only owns tokens; it cannot sign in.';
  return 'This member has not joined yet. Invite it again: that makes a new link.';
}

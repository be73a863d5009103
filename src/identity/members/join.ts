import { append } from '../../audit/events/append.ts';
import type { RequestOrigin } from '../../audit/events/event.ts';
import type { IdSource } from '../../lib/ids.ts';
import { invalid, requireEmail, requireName } from './check.ts';
import { type ChoosingDeps, type Chosen, choosePassword } from './choose-password.ts';
import { changesBetween, ownEvent } from './events.ts';
import { refusingTakenEmails } from './manage.ts';
import type { Member } from './member.ts';

export interface JoinInput {
  /** The secret of a link. */
  readonly token: string;
  readonly password: string;
  readonly name?: string | undefined;
  /** For who has none yet: the first owner. */
  readonly email?: string | undefined;
}

/**
 * Accepts an invitation, or sets up the first owner: the member has a password then, and can sign in. Nothing is signed in by
 * it: a link may come by ways that a session should not.
 *
 * @throws ServiceError `invalid_credentials` whatever is wrong with the link; `validation_failed`; `conflict` if the address
 *   is taken
 */
export async function acceptInvitation(
  deps: ChoosingDeps & IdSource,
  request: RequestOrigin,
  input: JoinInput,
): Promise<Chosen> {
  const choice = {
    ...input,
    kinds: ['invitation', 'set_up'],
    request,
    become: (member: Member, now: Date) => joined(member, input, now),
  } as const;
  return refusingTakenEmails(
    choosePassword(deps, choice, async (tx, { before, member }) => {
      await append(tx, deps, [ownEvent('member.joined', request, member, changesBetween(before, member))]);
    }),
  );
}

function joined(member: Member, { name, email }: JoinInput, now: Date): Member {
  return {
    ...member,
    ...(name !== undefined && { name: requireName(name) }),
    email: chosenEmail(member, email),
    status: 'active',
    joinedAt: now,
  };
}

function chosenEmail(member: Member, email: string | undefined): string {
  if (member.email === null) {
    if (email === undefined) throw invalid('email', 'is required: you sign in with it');
    return requireEmail(email);
  }
  if (email === undefined) return member.email;
  throw invalid('email', 'is set by the invitation; leave it out');
}

import { append } from '../../audit/events/append.ts';
import type { Once } from '../../credentials/idempotency.ts';
import { type IdSource, newId } from '../../lib/ids.ts';
import { type Caller, principalIdOf } from '../principal.ts';
import { requireName } from './check.ts';
import { changesFromNothing, memberEvent } from './events.ts';
import { type GroupingInput, resolveGroupings } from './grouping.ts';
import { type MemberDeps, manageMembers } from './manage.ts';
import type { Member } from './member.ts';
import { insertMember } from './write-store.ts';

export interface MemberCreation extends GroupingInput {
  readonly name: string;
}

/**
 * Makes a member that cannot sign in: the account of an integration, which owns tokens that others issue for it.
 *
 * @throws ServiceError `validation_failed`, `forbidden`
 */
export async function createMember(
  deps: MemberDeps,
  caller: Caller,
  input: MemberCreation,
  once?: Once<Member>,
): Promise<Member> {
  const name = requireName(input.name);
  return manageMembers(deps, caller, async (tx) => {
    await once?.claim(tx);
    const groupings = await resolveGroupings(tx, caller.principal.workspaceId, input);
    const base = newMember(deps, caller.principal, { name, email: null, access: 'member' });
    const member: Member = { ...base, ...groupings, canSignIn: false, status: 'active' };
    await insertMember(tx, member);
    await once?.remember(tx, member);
    await append(tx, deps, [memberEvent('member.created', caller, member, changesFromNothing(member))]);
    return member;
  });
}

/** A member as it is made: invited, without roles or groups. */
export function newMember(
  deps: IdSource,
  principal: Caller['principal'],
  described: Pick<Member, 'name' | 'email' | 'access'>,
): Member {
  return {
    ...described,
    id: newId('usr', deps),
    workspaceId: principal.workspaceId,
    status: 'invited',
    canSignIn: true,
    hasPassword: false,
    hasTotp: false,
    roles: [],
    groups: [],
    lastSignedInAt: null,
    createdAt: deps.clock.now(),
    createdBy: principalIdOf(principal),
    joinedAt: null,
    removedAt: null,
    revision: 1,
  };
}

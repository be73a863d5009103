import type { Fence } from '../../coherence/fence.ts';
import { type Database, inTransaction, type Transaction } from '../../db/connection.ts';
import { isUniqueViolation } from '../../db/errors.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { MemberId } from '../../lib/ids.ts';
import type { LinkDeps } from '../links/links.ts';
import type { Caller } from '../principal.ts';
import { type Manager, requireAuthority } from './authority.ts';
import type { Member } from './member.ts';
import { lockMember, lockWorkspace, selectMember } from './store.ts';
import { MEMBER_EMAIL } from './write-store.ts';

/** What managing members draws on. */
export interface MemberDeps extends LinkDeps {
  readonly db: Database;
  readonly fence: Fence;
}

/**
 * Runs `work` in one transaction that has the workspace to itself as far as members go: changes of them take turns, so
 * that the last owner cannot go twice over, and an address is not taken twice. `manager` is what the caller is by then: it
 * may have lost its rights while it waited.
 *
 * @throws ServiceError `forbidden`; `conflict` if an email address is taken
 */
export async function manageMembers<Result>(
  { db }: Pick<MemberDeps, 'db'>,
  { principal }: Caller,
  work: (tx: Transaction, manager: Manager) => Promise<Result>,
): Promise<Result> {
  return refusingTakenEmails(
    inTransaction(db, async (tx) => {
      if (!(await lockWorkspace(tx, principal.workspaceId))) throw new ServiceError('not_found');
      return work(tx, await managerOf(tx, principal));
    }),
  );
}

/** Locks a member that `manager` may change. @throws ServiceError `not_found`, `forbidden` */
export async function lockManaged(
  tx: Transaction,
  { principal }: Caller,
  manager: Manager,
  id: MemberId,
): Promise<Member> {
  const member = await lockMember(tx, principal.workspaceId, id);
  if (member === undefined) throw new ServiceError('not_found');
  requireAuthority(manager, [member.access]);
  return member;
}

/** The result of `work`, with a `conflict` in place of what the database says of an address that somebody else has. */
export async function refusingTakenEmails<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!isUniqueViolation(error, MEMBER_EMAIL)) throw error;
    throw new ServiceError('conflict', { message: TAKEN_MESSAGE, cause: error });
  }
}

const TAKEN_MESSAGE = 'A member of this workspace has this email address already.';

async function managerOf(tx: Transaction, principal: Caller['principal']): Promise<Manager> {
  if (principal.kind === 'system') return { kind: 'operator' };
  const self = principal.kind === 'member' ? await selectMember(tx, principal.workspaceId, principal.id) : undefined;
  if (self === undefined || self.status === 'removed') throw new ServiceError('forbidden');
  return { kind: 'member', access: self.access };
}

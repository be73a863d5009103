import type { AuditAction } from '../../audit/events/catalogue.ts';
import type { NewEvent } from '../../audit/events/event.ts';
import { type Database, inTransaction, type Transaction } from '../../db/connection.ts';
import type { Clock } from '../../lib/clock.ts';
import { ServiceError } from '../../lib/errors.ts';
import { actorOf, type MemberCaller } from '../principal.ts';
import type { SigningMember } from '../sign-in/member.ts';
import { lockSigning } from '../sign-in/member-store.ts';
import { isSessionOpen } from '../sign-in/session-store.ts';

interface OwnChangeDeps {
  readonly db: Database;
  readonly clock: Clock;
}

/**
 * Runs `work` in one transaction under the lock of the calling member: changes of its second factor take turns with each other
 * and with its sign-ins.
 *
 * @throws ServiceError `unauthorized` if its session has ended since the call was authenticated
 */
export async function changeOwnFactor<Result>(
  { db, clock }: OwnChangeDeps,
  { principal }: MemberCaller,
  work: (tx: Transaction, member: SigningMember, now: Date) => Promise<Result>,
): Promise<Result> {
  return inTransaction(db, async (tx) => {
    const member = await lockSigning(tx, principal.workspaceId, principal.id);
    const now = clock.now();
    const isOpen = member !== undefined && (await isSessionOpen(tx, principal.sessionId, member, now));
    if (member === undefined || !isOpen) throw new ServiceError('unauthorized');
    return await work(tx, member, now);
  });
}

type FactorAction = Extract<AuditAction, `member.totp_${string}` | `member.recovery_codes_${string}`>;

export function factorEvent(action: FactorAction, { principal, request }: MemberCaller): NewEvent {
  const { id, name, workspaceId } = principal;
  return {
    workspaceId,
    environment: null,
    action,
    outcome: 'success',
    actor: actorOf(principal),
    targets: [{ type: 'member', id, name }],
    request,
  };
}

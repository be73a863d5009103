import type { Transaction } from '../db/connection.ts';
import { isManager } from '../identity/access-level.ts';
import { lockMember } from '../identity/members/store.ts';
import type { Principal } from '../identity/principal.ts';
import { ServiceError } from '../lib/errors.ts';

/**
 * Throws unless a calling member manages the workspace within the change itself, and keeps it so until that is done: it
 * may have been demoted or removed since its request was let in, and a value that it gets would outlive that.
 */
export async function requireStanding(tx: Transaction, principal: Principal): Promise<void> {
  if (principal.kind !== 'member') return;
  const member = await lockMember(tx, principal.workspaceId, principal.id);
  if (member === undefined || member.status === 'removed' || !isManager(member.access)) {
    throw new ServiceError('forbidden');
  }
}

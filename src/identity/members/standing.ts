import type { Transaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import { isManager } from '../access-level.ts';
import type { Principal } from '../principal.ts';
import { holdAccess } from './store.ts';

/**
 * Throws unless a calling member manages the workspace within the change itself, and keeps it so until that is done: it
 * may have been demoted or removed since its request was let in, and what it changes or gets would outlive that.
 *
 * The member's lock comes after that of the workspace, if that is taken too, and before those of roles and the like.
 */
export async function requireStanding(tx: Transaction, principal: Principal): Promise<void> {
  if (principal.kind !== 'member') return;
  const access = await holdAccess(tx, principal.workspaceId, principal.id);
  if (access === undefined || !isManager(access)) throw new ServiceError('forbidden');
}

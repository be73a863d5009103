import { ServiceError } from '../../lib/errors.ts';
import type { AccessLevel } from '../access-level.ts';

/** Who changes a member: an operator, or a member of this access at this moment. */
export type Manager = { readonly kind: 'operator' } | { readonly kind: 'member'; readonly access: AccessLevel };

/**
 * Owners manage everybody, admins everybody but owners. `levels` are the accesses that the change is about: the member's
 * own, and the one that it is to have.
 *
 * @throws ServiceError `forbidden`
 */
export function requireAuthority(manager: Manager, levels: readonly AccessLevel[]): void {
  if (manager.kind === 'operator' || manager.access === 'owner') return;
  if (manager.access !== 'admin') {
    throw new ServiceError('forbidden', { message: 'Only owners and admins of the workspace may make this call.' });
  }
  if (levels.includes('owner')) throw new ServiceError('forbidden', { message: OWNERS_MESSAGE });
}

const OWNERS_MESSAGE = 'Only owners make somebody an owner, or change, remove or help an owner. Ask one of them.';

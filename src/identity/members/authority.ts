import { ServiceError } from '../../lib/errors.ts';
import { ACCESS_LEVELS, type AccessLevel, isManager } from '../access-level.ts';

/** Who changes a member: an operator, or a member of this access at this moment. */
export type Manager = { readonly kind: 'operator' } | { readonly kind: 'member'; readonly access: AccessLevel };

/**
 * Owners manage everybody, admins everybody but owners. `levels` are the accesses that the change is about: the member's
 * own, and the one that it is to have.
 *
 * @throws ServiceError `forbidden`
 */
export function requireAuthority(manager: Manager, levels: readonly AccessLevel[]): void {
  if (manager.kind === 'operator') return;
  if (!isManager(manager.access)) {
    throw new ServiceError('forbidden', { message: 'Only owners and admins of the workspace may make this call.' });
  }
  const managed = managedLevels(manager.access);
  if (!levels.every((level) => managed.includes(level)))
    throw new ServiceError('forbidden', { message: OWNERS_MESSAGE });
}

/** The accesses of the members whom somebody of `access` manages, and may give. */
export function managedLevels(access: AccessLevel): readonly AccessLevel[] {
  if (!isManager(access)) return [];
  return access === 'owner' ? ACCESS_LEVELS : ACCESS_LEVELS.filter((level) => level !== 'owner');
}

const OWNERS_MESSAGE = 'Only owners make somebody an owner, or change, remove or help an owner. Ask one of them.';

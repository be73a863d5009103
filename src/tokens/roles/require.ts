import type { Transaction } from '../../db/connection.ts';
import { ROLE, type Role } from '../../identity/named/kind.ts';
import { requireKnown } from '../../identity/named/require.ts';
import type { RoleId, WorkspaceId } from '../../lib/ids.ts';

/**
 * The role, which then stays until the transaction ends, for a token that is to carry it.
 *
 * @throws ServiceError `validation_failed` about `path` if the workspace has none of that id
 */
export async function requireRole(
  tx: Transaction,
  workspaceId: WorkspaceId,
  roleId: RoleId,
  path = 'role',
): Promise<Role> {
  return requireKnown(tx, ROLE, workspaceId, roleId, path);
}

import type { Transaction } from '../../db/connection.ts';
import { type ErrorDetail, ServiceError } from '../../lib/errors.ts';
import type { GroupId, RoleId, WorkspaceId } from '../../lib/ids.ts';
import { holdGroups, holdRoles } from './grouping-store.ts';
import type { Member } from './member.ts';

export interface GroupingInput {
  readonly roles?: readonly RoleId[] | undefined;
  readonly groups?: readonly GroupId[] | undefined;
}

/** At most so many roles, and so many groups, of one member. */
export const MAX_GROUPINGS = 200;

/**
 * The roles and groups that `input` names, each once; they stay until the transaction ends. What it does not name is as in
 * `otherwise`.
 *
 * @throws ServiceError `validation_failed` for each that the workspace does not have
 */
export async function resolveGroupings(
  tx: Transaction,
  workspaceId: WorkspaceId,
  input: GroupingInput,
  otherwise: Pick<Member, 'roles' | 'groups'> = { roles: [], groups: [] },
): Promise<Pick<Member, 'roles' | 'groups'>> {
  const roles = input.roles === undefined ? otherwise.roles : await holdRoles(tx, workspaceId, input.roles);
  const groups = input.groups === undefined ? otherwise.groups : await holdGroups(tx, workspaceId, input.groups);
  const details = [
    ...unknown('roles', 'is no role of this workspace', input.roles, roles),
    ...unknown('groups', 'is no group of this workspace', input.groups, groups),
  ];
  if (details.length > 0) throw new ServiceError('validation_failed', { details });
  return { roles, groups };
}

function unknown(
  field: string,
  message: string,
  wanted: readonly string[] = [],
  found: readonly { readonly id: string }[],
): ErrorDetail[] {
  const ids = new Set(found.map(({ id }) => id));
  return wanted.flatMap((id, index) => (ids.has(id) ? [] : [{ path: `${field}[${index}]`, message }]));
}

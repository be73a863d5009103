import type { Transaction } from '../../db/connection.ts';
import { type ErrorDetail, ServiceError } from '../../lib/errors.ts';
import type { GroupId, RoleId, WorkspaceId } from '../../lib/ids.ts';
import { GROUP, type Named, type NamedKind, ROLE } from '../named/kind.ts';
import { selectKnown } from '../named/store.ts';
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
  const roles = input.roles === undefined ? otherwise.roles : await hold(tx, ROLE, workspaceId, input.roles);
  const groups = input.groups === undefined ? otherwise.groups : await hold(tx, GROUP, workspaceId, input.groups);
  const details = [
    ...unknown('roles', 'is no role of this workspace', input.roles, roles),
    ...unknown('groups', 'is no group of this workspace', input.groups, groups),
  ];
  if (details.length > 0) throw new ServiceError('validation_failed', { details });
  return { roles, groups };
}

/** Those of `ids` that the workspace has, by name. They cannot be deleted until the transaction ends. */
async function hold<Item extends Named>(
  tx: Transaction,
  kind: NamedKind<Item>,
  workspaceId: WorkspaceId,
  ids: readonly Item['id'][],
): Promise<Pick<Item, 'id' | 'name'>[]> {
  const known = await selectKnown(tx, kind, workspaceId, ids);
  return known.map(({ id, name }) => ({ id, name })).sort((a, b) => (a.name < b.name ? -1 : 1));
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

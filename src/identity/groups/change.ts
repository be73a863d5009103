import type { Effective, Fence } from '../../coherence/fence.ts';
import { type Invalidated, invalidate } from '../../coherence/invalidate.ts';
import { inTransaction, type Transaction } from '../../db/connection.ts';
import type { GroupId, WorkspaceId } from '../../lib/ids.ts';
import type { ExpectedRevisions } from '../../lib/revision.ts';
import { changeNamed } from '../named/change.ts';
import type { NamedDeps, NamedInput } from '../named/create.ts';
import { GROUP, type Group } from '../named/kind.ts';
import type { Caller } from '../principal.ts';
import { selectMembersOf } from './store.ts';

export interface GroupDeps extends NamedDeps {
  readonly fence: Fence;
}

/** Beyond so many members of a group it is simpler to forget all that is remembered of the workspace. */
const MAX_SUBJECTS = 100;

/** Changes a group. By the time this answers its members' tokens tell its new name everywhere. */
export async function changeGroup(
  deps: GroupDeps,
  caller: Caller,
  id: GroupId,
  input: Partial<NamedInput<Group>>,
  expected?: ExpectedRevisions,
): Promise<{ readonly group: Group; readonly effective: Effective }> {
  const { group, invalidated } = await inTransaction(deps.db, async (tx) => {
    const group = await changeNamed(tx, deps, caller, { kind: GROUP, id, input, expected });
    return { group, invalidated: await invalidateMembersOf(tx, group.workspaceId, id) };
  });
  return { group, effective: await deps.fence(invalidated) };
}

/** For the fence alone: what replicas read is written by the database. */
export async function invalidateMembersOf(
  tx: Transaction,
  workspaceId: WorkspaceId,
  id: GroupId,
): Promise<Invalidated> {
  const members = await selectMembersOf(tx, id, MAX_SUBJECTS + 1);
  return invalidate(tx, members.length > MAX_SUBJECTS ? [workspaceId] : members);
}

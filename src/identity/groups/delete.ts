import { append } from '../../audit/events/append.ts';
import type { Effective } from '../../coherence/fence.ts';
import { invalidate } from '../../coherence/invalidate.ts';
import { inTransaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { GroupId } from '../../lib/ids.ts';
import { requireStanding } from '../members/standing.ts';
import { namedEvent } from '../named/events.ts';
import { GROUP } from '../named/kind.ts';
import { deleteNamed, lockNamed } from '../named/store.ts';
import type { Caller } from '../principal.ts';
import { type GroupDeps, invalidateMembersOf } from './change.ts';
import { countMembersOf } from './store.ts';

export interface DeletedGroup {
  /** How many members it had. */
  readonly memberCount: number;
  readonly effective: Effective;
}

/**
 * Deletes a group, whoever is in it. By the time this answers no token of theirs tells of it any more.
 *
 * @throws ServiceError `not_found`
 */
export async function deleteGroup(deps: GroupDeps, caller: Caller, id: GroupId): Promise<DeletedGroup> {
  const { workspaceId } = caller.principal;
  const { memberCount, invalidated } = await inTransaction(deps.db, async (tx) => {
    await requireStanding(tx, caller.principal);
    const group = await lockNamed(tx, GROUP, workspaceId, id, 'closing');
    if (group === undefined) return { memberCount: undefined, invalidated: await invalidate(tx, [workspaceId]) };
    const memberCount = await countMembersOf(tx, id);
    const invalidated = await invalidateMembersOf(tx, workspaceId, id);
    await deleteNamed(tx, GROUP, group);
    await append(tx, deps, [namedEvent(GROUP, 'deleted', caller, group)]);
    return { memberCount, invalidated };
  });
  // Also for a group that is gone: this may be the retry of a deletion whose answer was lost.
  const effective = await deps.fence(invalidated);
  if (memberCount === undefined) throw new ServiceError('not_found');
  return { memberCount, effective };
}

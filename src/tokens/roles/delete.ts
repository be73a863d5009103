import { append } from '../../audit/events/append.ts';
import { invalidate } from '../../coherence/invalidate.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { requireStanding } from '../../identity/members/standing.ts';
import { namedEvent } from '../../identity/named/events.ts';
import { ROLE } from '../../identity/named/kind.ts';
import { deleteNamed, lockNamed } from '../../identity/named/store.ts';
import type { Caller } from '../../identity/principal.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { RoleId } from '../../lib/ids.ts';
import { MAX_COUNTED, releaseFinishedTokens, sayCount } from '../release.ts';
import { countLive, type TokenGroup } from '../store/grouped.ts';
import { inTokenTransaction } from '../transaction.ts';
import type { RoleDeps } from './change.ts';
import { countHolders } from './store.ts';

/**
 * Deletes a role that nobody uses. Finished tokens lose it; should somebody begin to use it meanwhile, some of them have
 * lost it for nothing.
 *
 * @throws ServiceError `not_found`; `conflict` while live tokens carry it or members hold it
 */
export async function deleteRole(deps: RoleDeps, caller: Caller, id: RoleId): Promise<void> {
  const { workspaceId } = caller.principal;
  const carriers: TokenGroup = { workspaceId, column: 'role_id', id };
  const requireUnused = (executor: Database | Transaction) => requireNoUser(executor, carriers, id, deps.clock.now());
  await requireUnused(deps.db);
  await releaseFinishedTokens(deps, carriers);
  const { isGone, invalidated } = await inTokenTransaction(deps.db, async (tx) => {
    const invalidated = await invalidate(tx, [id]);
    await requireStanding(tx, caller.principal);
    const role = await lockNamed(tx, ROLE, workspaceId, id, 'closing');
    if (role === undefined) return { isGone: true, invalidated };
    // Once more: whoever had it issued or given away before the lock has committed by now, and nobody can any more.
    await requireUnused(tx);
    await deleteNamed(tx, ROLE, role);
    await append(tx, deps, [namedEvent(ROLE, 'deleted', caller, role)]);
    return { isGone: false, invalidated };
  });
  // Also for a role that is gone: this may be the retry of a deletion whose answer was lost.
  await deps.fence(invalidated);
  if (isGone) throw new ServiceError('not_found');
}

async function requireNoUser(
  executor: Database | Transaction,
  carriers: TokenGroup,
  id: RoleId,
  now: Date,
): Promise<void> {
  const [tokens, members] = await Promise.all([
    countLive(executor, carriers, now, MAX_COUNTED + 1),
    countHolders(executor, id, MAX_COUNTED + 1),
  ]);
  if (tokens + members === 0) return;
  const message = `The role is in use by ${sayCount(tokens, 'live token')} and ${sayCount(members, 'member')}. Give them another one or revoke the tokens, then delete it.`;
  throw new ServiceError('conflict', { message });
}

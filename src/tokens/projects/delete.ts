import { append } from '../../audit/events/append.ts';
import type { Database, Transaction } from '../../db/connection.ts';
import { requireStanding } from '../../identity/members/standing.ts';
import type { NamedDeps } from '../../identity/named/create.ts';
import { namedEvent } from '../../identity/named/events.ts';
import { PROJECT } from '../../identity/named/kind.ts';
import { deleteNamed, lockNamed } from '../../identity/named/store.ts';
import type { Caller } from '../../identity/principal.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { ProjectId } from '../../lib/ids.ts';
import { MAX_COUNTED, releaseFinishedTokens, sayCount } from '../release.ts';
import { countLive, type TokenGroup } from '../store/grouped.ts';
import { inTokenTransaction } from '../transaction.ts';

/**
 * Deletes a project without live tokens, of either environment. Finished ones lose it; should somebody issue one into it
 * meanwhile, some of them have lost it for nothing.
 *
 * @throws ServiceError `not_found`; `conflict` while there are live tokens in it
 */
export async function deleteProject(deps: NamedDeps, caller: Caller, id: ProjectId): Promise<void> {
  const { workspaceId } = caller.principal;
  const inProject: TokenGroup = { workspaceId, column: 'project_id', id };
  const requireEmpty = (executor: Database | Transaction) => requireNoLive(executor, inProject, deps.clock.now());
  await requireEmpty(deps.db);
  await releaseFinishedTokens(deps, inProject);
  await inTokenTransaction(deps.db, async (tx) => {
    await requireStanding(tx, caller.principal);
    const project = await lockNamed(tx, PROJECT, workspaceId, id, 'closing');
    if (project === undefined) throw new ServiceError('not_found');
    // Once more: whoever issued into it before the lock has committed by now, and nobody can any more.
    await requireEmpty(tx);
    await deleteNamed(tx, PROJECT, project);
    await append(tx, deps, [namedEvent(PROJECT, 'deleted', caller, project)]);
  });
}

async function requireNoLive(executor: Database | Transaction, inProject: TokenGroup, now: Date): Promise<void> {
  const count = await countLive(executor, inProject, now, MAX_COUNTED + 1);
  if (count === 0) return;
  const message = `The project has ${sayCount(count, 'live token')}, of both environments together. Revoke them with POST /v1/projects/${inProject.id}/revoke-tokens, then delete it.`;
  throw new ServiceError('conflict', { message });
}

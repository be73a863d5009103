import type { Target } from '../../audit/events/event.ts';
import type { Effective, Fence } from '../../coherence/fence.ts';
import { type Invalidated, invalidate } from '../../coherence/invalidate.ts';
import type { Transaction } from '../../db/connection.ts';
import type { NamedDeps } from '../../identity/named/create.ts';
import { PROJECT } from '../../identity/named/kind.ts';
import { getNamed } from '../../identity/named/list.ts';
import { lockNamed } from '../../identity/named/store.ts';
import { type Caller, principalIdOf } from '../../identity/principal.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { ProjectId, TokenId } from '../../lib/ids.ts';
import type { ListPosition } from '../../lib/page.ts';
import { lockStanding, type Standing } from '../holder.ts';
import { BATCH_SIZE, type RevocationContext, revokeBatch } from '../revocation.ts';
import { type PlacedToken, selectLive } from '../store/grouped.ts';
import { inTokenTransaction } from '../transaction.ts';

export interface ProjectRevocation {
  /** How many tokens this call has revoked. */
  readonly revoked: number;
  readonly effective: Effective;
}

/**
 * Revokes every live token of a project in the caller's environment, everywhere by the time this answers; also those that
 * are issued into it while this is at work. No more than {@link BATCH_SIZE} are revoked in one transaction with all that
 * was left; of more, each batch is a transaction with its events. Should one fail, what came before it stays revoked, and
 * repeating the call goes on from there.
 *
 * @throws ServiceError `not_found`
 */
export async function revokeTokensOfProject(
  deps: NamedDeps & { readonly fence: Fence },
  caller: Caller,
  id: ProjectId,
  reason: string | null,
): Promise<ProjectRevocation> {
  await getNamed(deps, caller, PROJECT, id);
  const order: RevocationOrder = { deps, caller, id, reason };
  for (let revoked = 0; ; ) {
    const last = await revokeRest(order);
    if (last !== undefined) {
      return { revoked: revoked + last.revoked, effective: await deps.fence(last.invalidated) };
    }
    revoked += await revokeInBatches(order);
  }
}

interface RevocationOrder {
  readonly deps: NamedDeps;
  readonly caller: Caller;
  readonly id: ProjectId;
  readonly reason: string | null;
}

/**
 * Revokes what is left while nobody can issue into the project; undefined if that is too much for one transaction.
 */
async function revokeRest(
  order: RevocationOrder,
): Promise<{ readonly revoked: number; readonly invalidated: Invalidated } | undefined> {
  const { deps, caller, id } = order;
  const { workspaceId } = caller.principal;
  return inTokenTransaction(deps.db, async (tx) => {
    const standing = await lockStanding(tx, caller.principal, deps.clock.now());
    const project = await lockNamed(tx, PROJECT, workspaceId, id, 'closing');
    if (project === undefined) throw new ServiceError('not_found');
    const left = await selectLiveOf(tx, order, BATCH_SIZE + 1);
    if (left.length > BATCH_SIZE) return undefined;
    // What batches, or an earlier call that failed, have revoked is not among these: the whole workspace covers it.
    const invalidated = await invalidate(tx, [workspaceId]);
    return { revoked: await revokePlaced(tx, order, standing, left), invalidated };
  });
}

/** Revokes what there is, from the oldest on, and says how many those were. */
async function revokeInBatches(order: RevocationOrder): Promise<number> {
  let revoked = 0;
  for (let position: ListPosition | undefined; ; ) {
    const batch = await selectLiveOf(order.deps.db, order, BATCH_SIZE, position);
    position = batch.at(-1)?.position;
    if (position === undefined) return revoked;
    revoked += await inTokenTransaction(order.deps.db, async (tx) => {
      const standing = await lockStanding(tx, order.caller.principal, order.deps.clock.now());
      return revokePlaced(tx, order, standing, batch);
    });
  }
}

function selectLiveOf(
  executor: Parameters<typeof selectLive>[0],
  { deps, caller: { principal }, id }: RevocationOrder,
  limit: number,
  position?: ListPosition,
): Promise<PlacedToken[]> {
  const { workspaceId, environment } = principal;
  const group = { workspaceId, environment, column: 'project_id', id } as const;
  return selectLive(executor, group, { now: deps.clock.now(), limit, position });
}

async function revokePlaced(
  tx: Transaction,
  { deps, caller, id, reason }: RevocationOrder,
  standing: Standing,
  placed: readonly PlacedToken[],
): Promise<number> {
  const revocation = { revokedAt: deps.clock.now(), revokedBy: principalIdOf(caller.principal), reason };
  // Without its name, which is personal and would be kept as often as there are tokens.
  const group: Target = { type: 'project', id, name: null };
  const context: RevocationContext = { deps, caller, revocation, standing, group };
  const ids: TokenId[] = placed.map((token) => token.id);
  return (await revokeBatch(tx, context, ids)).length;
}

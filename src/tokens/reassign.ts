import { append } from '../audit/events/append.ts';
import type { Change } from '../audit/events/event.ts';
import { invalidate } from '../coherence/invalidate.ts';
import type { Caller } from '../identity/principal.ts';
import { ServiceError } from '../lib/errors.ts';
import type { MemberId, TokenId } from '../lib/ids.ts';
import { requireOwner } from './assignment.ts';
import { changesBetween, tokenEvent } from './events.ts';
import { lockForChange } from './holder.ts';
import type { TokenDeps } from './issue.ts';
import { updateToken } from './store/tokens.ts';
import { effectiveScopesOfToken, isFinished, statusOf, type Token } from './token.ts';
import { inTokenTransaction } from './transaction.ts';
import type { TokenChange } from './update.ts';

export interface ReassignInput {
  /** Null makes it a token of the workspace. */
  readonly ownerId: MemberId | null;
  readonly reason: string | null;
}

/**
 * Gives a token another owner, everywhere by the time this answers; also one whose owner was removed. What it was given
 * stays: the new owner's roles decide how much of that it can do. Whoever manages the workspace may grant it all anyway,
 * and a leaver's token need not be taken apart before somebody else can have it.
 */
export async function reassignToken(
  deps: TokenDeps,
  caller: Caller,
  id: TokenId,
  { ownerId, reason }: ReassignInput,
): Promise<TokenChange> {
  const now = deps.clock.now();
  const { token, invalidated } = await inTokenTransaction(deps.db, async (tx) => {
    const { token, standing } = await lockForChange(tx, caller, id, now);
    if (standing.holder !== undefined || standing.self !== undefined) {
      throw new ServiceError('forbidden', { message: 'Only API keys, owners and admins reassign tokens.' });
    }
    const status = statusOf(token, now);
    if (isFinished(status)) {
      throw new ServiceError('conflict', { message: `The token is ${status}, and nobody can use it any more.` });
    }
    if (ownerId === (token.owner?.id ?? null)) return { token, invalidated: await invalidate(tx, [id]) };
    const owner = ownerId && (await requireOwner(tx, token.workspaceId, ownerId));
    const reassigned = { ...token, owner, revision: token.revision + 1 };
    await updateToken(tx, reassigned);
    const said = { changes: changesOf(token, reassigned), ...(reason !== null && { note: reason }) };
    const [invalidated] = await Promise.all([
      invalidate(tx, [id]),
      append(tx, deps, [tokenEvent('token.reassigned', caller, reassigned, said)]),
    ]);
    return { token: reassigned, invalidated };
  });
  return { token, effective: await deps.fence(invalidated) };
}

/** From whom to whom, and what that makes of its rights. */
function changesOf(before: Token, after: Token): Change[] {
  const [old, now] = [effectiveScopesOfToken(before), effectiveScopesOfToken(after)];
  const isSame = old.length === now.length && old.every((scope) => now.includes(scope));
  return [...changesBetween(before, after), ...(isSame ? [] : [{ field: 'effective_scopes', old, new: now }])];
}

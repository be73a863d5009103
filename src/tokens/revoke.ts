import type { Effective } from '../coherence/fence.ts';
import { type Invalidated, invalidate } from '../coherence/invalidate.ts';
import type { Transaction } from '../db/connection.ts';
import { type Caller, principalIdOf } from '../identity/principal.ts';
import type { TokenId } from '../lib/ids.ts';
import { lockForChange, requireManaged, type Standing } from './holder.ts';
import type { TokenDeps } from './issue.ts';
import { BATCH_SIZE, type RevocationContext, revokeBatch } from './revocation.ts';
import { type Revocation, selectDescendantReaches, selectUnrevokedDescendants } from './store/revocation.ts';
import type { Token } from './token.ts';
import { inTokenTransaction } from './transaction.ts';

export interface RevokeInput {
  readonly reason: string | null;
  /** Revoke also what the token issued, what that issued, and so on. */
  readonly withIssued: boolean;
}

export interface RevokeResult {
  readonly token: Token;
  /** How many others this call has revoked. */
  readonly alsoRevoked: number;
  readonly effective: Effective;
}

/**
 * Ends a token for good, everywhere by the time this answers. Repeating it changes nothing, but waits just so: time,
 * author and reason of the first revocation stay. An expired token can be revoked too, since whoever revokes wants it off
 * whatever the clocks say.
 *
 * With what it issued, all happens in one transaction unless that is more than {@link BATCH_SIZE} tokens. Of those many
 * each batch is a transaction with its events. Should one fail, what came before it stays revoked, and repeating the call
 * goes on from there; it never answers before everything is.
 */
export async function revokeToken(
  deps: TokenDeps,
  caller: Caller,
  id: TokenId,
  { reason, withIssued }: RevokeInput,
): Promise<RevokeResult> {
  const revokedAt = deps.clock.now();
  const revocation = { revokedAt, revokedBy: principalIdOf(caller.principal), reason };
  const first = await inTokenTransaction(deps.db, async (tx) => {
    const { token, standing } = await lockForChange(tx, caller, id, revokedAt);
    const context: RevocationContext = { deps, caller, revocation, standing };
    if (withIssued) await requireDescendantsManaged(tx, standing, id);
    const isNew = token.revokedAt === null;
    const [{ xid }] = await Promise.all([invalidate(tx, []), isNew ? revokeBatch(tx, context, [id]) : undefined]);
    const issued = withIssued ? await revokeFewDescendants(tx, context, id) : NOTHING_ISSUED;
    // What an earlier call has revoked before it failed is not among what this one finds: the whole workspace covers it.
    const invalidated = { xid, subjects: [withIssued ? caller.principal.workspaceId : id] };
    return { context, issued, invalidated, token: isNew ? revokedForm(token, revocation) : token };
  });
  const { context, issued, invalidated, token } = first;
  const later = issued.isComplete ? [] : await revokeManyDescendants(context, id);
  const effective = await deps.fence(invalidated, ...later);
  const alsoRevoked = issued.revoked.length + later.reduce((sum, { subjects }) => sum + subjects.length, 0);
  return { token, alsoRevoked, effective };
}

/** What became of the tokens that a token has issued. */
interface IssuedRevoked {
  readonly revoked: readonly TokenId[];
  /** Whether none is left. */
  readonly isComplete: boolean;
}

const NOTHING_ISSUED: IssuedRevoked = { revoked: [], isComplete: true };

function revokedForm(token: Token, { revokedAt, revokedBy, reason }: Revocation): Token {
  return { ...token, revokedAt, revokedBy, revokeReason: reason, revision: token.revision + 1 };
}

/**
 * Looks again until nothing is left. A descendant that is just issuing holds a lock on its own row, so revoking it waits
 * for that to commit; what it issued is too young for the look before and shows in the next.
 */
async function revokeFewDescendants(tx: Transaction, context: RevocationContext, id: TokenId): Promise<IssuedRevoked> {
  const revoked: TokenId[] = [];
  for (;;) {
    const ids = await selectUnrevokedDescendants(tx, id);
    if (ids.length === 0 || ids.length > BATCH_SIZE) return { revoked, isComplete: ids.length === 0 };
    revoked.push(...(await revokeBatch(tx, context, ids)));
  }
}

/** The same in many transactions, after the one that ended the root: its descendants are all that can issue more. */
async function revokeManyDescendants(context: RevocationContext, id: TokenId): Promise<Invalidated[]> {
  const { db } = context.deps;
  const batches: Invalidated[] = [];
  for (;;) {
    const ids = await selectUnrevokedDescendants(db, id);
    if (ids.length === 0) return batches;
    for (let start = 0; start < ids.length; start += BATCH_SIZE) {
      const batch = ids.slice(start, start + BATCH_SIZE);
      batches.push(await inTokenTransaction(db, async (tx) => invalidate(tx, await revokeBatch(tx, context, batch))));
    }
  }
}

/** Before anything changes: who may not revoke all of them revokes none. */
async function requireDescendantsManaged(tx: Transaction, standing: Standing, id: TokenId): Promise<void> {
  if (standing.holder === undefined && standing.realm.ownerId === null) return;
  for (const reach of await selectDescendantReaches(tx, id)) requireManaged(standing, reach);
}

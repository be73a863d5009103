import { append } from '../audit/append.ts';
import { wipeAnswersOf } from '../credentials/idempotency-store.ts';
import type { Transaction } from '../db/connection.ts';
import type { Caller } from '../identity/principal.ts';
import { idToUuid, type TokenId } from '../lib/ids.ts';
import { requireAuthority } from './authority.ts';
import { tokenEvent } from './events.ts';
import { lockForChange } from './holder.ts';
import type { TokenDeps } from './issue.ts';
import { markRevoked, type Revocation, selectUnrevokedDescendants } from './store/revocation.ts';
import { principalIdOf, type Token } from './token.ts';
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
}

/**
 * Ends a token for good. Repeating it changes nothing: time, author and reason of the first revocation stay. An expired
 * token can be revoked too, since whoever revokes wants it off whatever the clocks say.
 */
export async function revokeToken(
  deps: TokenDeps,
  caller: Caller,
  id: TokenId,
  { reason, withIssued }: RevokeInput,
): Promise<RevokeResult> {
  const revokedAt = deps.clock.now();
  const revocation = { revokedAt, revokedBy: principalIdOf(caller.principal), reason };
  return inTokenTransaction(deps.db, async (tx) => {
    const { token, holder } = await lockForChange(tx, caller, id, revokedAt);
    const isFirst = token.revokedAt === null;
    const context: RevokeContext = { tx, deps, caller, revocation, holder };
    if (isFirst) await revokeAll(context, [id]);
    const alsoRevoked = withIssued ? await revokeDescendants(context, id) : 0;
    if (!isFirst) return { token, alsoRevoked };
    const { revokedBy } = revocation;
    const revoked = { ...token, revokedAt, revokedBy, revokeReason: reason, revision: token.revision + 1 };
    return { token: revoked, alsoRevoked };
  });
}

interface RevokeContext {
  readonly tx: Transaction;
  readonly deps: TokenDeps;
  readonly caller: Caller;
  readonly revocation: Revocation;
  readonly holder: Token | undefined;
}

const BATCH_SIZE = 1_000;

/**
 * Looks again until nothing is left. A descendant that is just issuing holds a lock on its own row, so revoking it waits
 * for that to commit; what it issued is too young for the look before and shows in the next.
 */
async function revokeDescendants(context: RevokeContext, id: TokenId): Promise<number> {
  let total = 0;
  for (;;) {
    const ids = await selectUnrevokedDescendants(context.tx, id);
    if (ids.length === 0) return total;
    for (let start = 0; start < ids.length; start += BATCH_SIZE) {
      total += await revokeAll(context, ids.slice(start, start + BATCH_SIZE));
    }
  }
}

/** Revokes tokens, with one event each. The events come after the locks of the very rows they tell of. */
async function revokeAll(context: RevokeContext, ids: readonly TokenId[]): Promise<number> {
  const { tx, deps, caller, revocation, holder } = context;
  const revoked = await markRevoked(tx, ids, revocation);
  for (const token of revoked) requireAuthority(holder, token);
  await wipeAnswersOf(
    tx,
    revoked.map((token) => idToUuid(token.id)),
  );
  const note = revocation.reason === null ? {} : { note: revocation.reason };
  await append(
    tx,
    deps,
    revoked.map((token) => tokenEvent('token.revoked', caller, token, note)),
  );
  return revoked.length;
}

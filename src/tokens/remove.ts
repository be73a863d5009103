import { append } from '../audit/events/append.ts';
import { wipeAnswersOf } from '../credentials/idempotency-store.ts';
import type { Caller } from '../identity/principal.ts';
import { ServiceError } from '../lib/errors.ts';
import { idToUuid, type TokenId } from '../lib/ids.ts';
import { tokenEvent } from './events.ts';
import { lockForChange } from './holder.ts';
import type { IssueDeps } from './issue.ts';
import { deleteToken } from './store/tokens.ts';
import { isFinished, statusOf } from './token.ts';
import { inTokenTransaction } from './transaction.ts';

/** Removes a revoked or expired token, with its secrets, from the list. Its audit events stay. */
export async function removeToken(deps: IssueDeps, caller: Caller, id: TokenId): Promise<void> {
  const now = deps.clock.now();
  await inTokenTransaction(deps.db, async (tx) => {
    const { token } = await lockForChange(tx, caller, id, now);
    if (!isFinished(statusOf(token, now))) {
      const message = 'The token can still be used, now or later. Revoke it first, then delete it.';
      throw new ServiceError('conflict', { message });
    }
    await deleteToken(tx, id);
    await wipeAnswersOf(tx, [idToUuid(id)]);
    await append(tx, deps, [tokenEvent('token.deleted', caller, token)]);
  });
}

import { append } from '../audit/events/append.ts';
import type { Effective } from '../coherence/fence.ts';
import { invalidate } from '../coherence/invalidate.ts';
import { inTransaction } from '../db/connection.ts';
import { requireStanding } from '../identity/members/standing.ts';
import { actorOf, type Caller } from '../identity/principal.ts';
import { ServiceError } from '../lib/errors.ts';
import type { ApiKeyId } from '../lib/ids.ts';
import { type ApiKey, targetOf } from './api-key.ts';
import type { ApiKeyDeps } from './create.ts';
import { countLiveTokens } from './issued-tokens-store.ts';
import { lockApiKey, removeApiKey, wipeAnswers } from './store.ts';

export interface DeletedApiKey {
  readonly apiKey: ApiKey;
  /** Tokens that the key issued and that live on; null if they could not be counted. */
  readonly liveTokenCount: number | null;
  readonly effective: Effective;
}

/**
 * Deletes an API key. By the time this answers no replica accepts its value; the tokens it issued live on.
 *
 * @throws ServiceError `not_found`; `forbidden` for a member who manages no longer
 */
export async function deleteApiKey(
  deps: Omit<ApiKeyDeps, 'digest'>,
  caller: Caller,
  id: ApiKeyId,
): Promise<DeletedApiKey> {
  const { principal, request } = caller;
  const { apiKey, invalidated } = await inTransaction(deps.db, async (tx) => {
    await requireStanding(tx, principal);
    const found = await lockApiKey(tx, principal.workspaceId, id);
    if (found === undefined) return { apiKey: undefined, invalidated: await invalidate(tx, [id]) };
    await removeApiKey(tx, id);
    await wipeAnswers(tx, id);
    await append(tx, deps, [
      {
        workspaceId: principal.workspaceId,
        environment: found.environment,
        action: 'api_key.deleted',
        outcome: 'success',
        actor: actorOf(principal),
        targets: [targetOf(found)],
        request,
      },
    ]);
    return { apiKey: found, invalidated: await invalidate(tx, [id]) };
  });
  // Also for a key that is gone: this may be the retry of a deletion whose answer was lost.
  const effective = await deps.fence(invalidated);
  if (apiKey === undefined) throw new ServiceError('not_found');
  // After that: among millions of tokens counting takes a while, and a leaked key must not live until it is done.
  // If it fails, saying so would be wrong too, since the key is gone.
  const liveTokenCount = await countLiveTokens(deps.db, principal.workspaceId, apiKey, { now: deps.clock.now() }).catch(
    () => null,
  );
  return { apiKey, liveTokenCount, effective };
}

import { append } from '../audit/events/append.ts';
import type { Effective } from '../coherence/fence.ts';
import { invalidate } from '../coherence/invalidate.ts';
import { API_KEY_PREFIX, generateCredential, hintOf } from '../credentials/format.ts';
import type { Once } from '../credentials/idempotency.ts';
import { inTransaction } from '../db/connection.ts';
import { requireStanding } from '../identity/members/standing.ts';
import { actorOf, type Caller } from '../identity/principal.ts';
import { ServiceError } from '../lib/errors.ts';
import type { ApiKeyId } from '../lib/ids.ts';
import { type ApiKeyWithSecret, statusOf, targetOf } from './api-key.ts';
import type { ApiKeyDeps } from './create.ts';
import { lockApiKey, selectApiKey, updateSecret, wipeAnswers } from './store.ts';

/** A key with its new value, and where the change has taken effect. */
export interface RegeneratedApiKey extends ApiKeyWithSecret {
  readonly effective: Effective;
}

/**
 * Gives an API key a new value under the same id and name. By the time this answers no replica accepts the old one.
 *
 * @throws ServiceError `not_found`; `forbidden` for a member who manages no longer; `conflict` for an expired key, whose new value would be dead as well
 */
export async function regenerateApiKey(
  deps: ApiKeyDeps,
  caller: Caller,
  id: ApiKeyId,
  once?: Once<ApiKeyWithSecret>,
): Promise<RegeneratedApiKey> {
  const { principal, request } = caller;
  const { apiKey, secret, invalidated } = await inTransaction(deps.db, async (tx) => {
    await once?.claim(tx);
    await requireStanding(tx, principal);
    const before = await lockApiKey(tx, principal.workspaceId, id);
    if (before === undefined) throw new ServiceError('not_found');
    const regeneratedAt = deps.clock.now();
    if (statusOf(before, regeneratedAt) === 'expired') {
      throw new ServiceError('conflict', { message: 'This API key has expired. Create a new one.' });
    }
    const credential = generateCredential(API_KEY_PREFIX, before.environment, deps.random);
    const apiKey = { ...before, hint: hintOf(credential), regeneratedAt };
    await updateSecret(tx, id, { digest: deps.digest(credential), hint: apiKey.hint, regeneratedAt });
    // Earlier answers hold the value that was just replaced; this one holds the new value.
    await wipeAnswers(tx, id);
    await once?.remember(tx, { apiKey, secret: credential });
    await append(tx, deps, [
      {
        workspaceId: principal.workspaceId,
        environment: apiKey.environment,
        action: 'api_key.regenerated',
        outcome: 'success',
        actor: actorOf(principal),
        targets: [targetOf(apiKey)],
        request,
      },
    ]);
    return { apiKey, secret: credential, invalidated: await invalidate(tx, [id]) };
  });
  return { apiKey, secret, effective: await deps.fence(invalidated) };
}

/**
 * For giving the answer to an earlier regeneration once more: whether the caller's workspace still has the key, and,
 * since that answer may have been lost before it was effective everywhere, a wait until it is.
 *
 * @throws ServiceError `not_found`
 */
export async function repeatRegeneration(
  deps: Pick<ApiKeyDeps, 'db' | 'fence'>,
  { principal }: Caller,
  id: ApiKeyId,
): Promise<Effective> {
  const invalidated = await inTransaction(deps.db, async (tx) => {
    if ((await selectApiKey(tx, principal.workspaceId, id)) === undefined) throw new ServiceError('not_found');
    return invalidate(tx, [id]);
  });
  return deps.fence(invalidated);
}

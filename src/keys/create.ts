import { append } from '../audit/events/append.ts';
import type { NewEvent } from '../audit/events/event.ts';
import type { Fence } from '../coherence/fence.ts';
import type { DigestFunction } from '../credentials/digest.ts';
import { API_KEY_PREFIX, type Environment, generateCredential, hintOf } from '../credentials/format.ts';
import type { Once } from '../credentials/idempotency.ts';
import { type Database, inTransaction, type Transaction } from '../db/connection.ts';
import { requireStanding } from '../identity/members/standing.ts';
import { actorOf, type Caller } from '../identity/principal.ts';
import { type IdSource, newId } from '../lib/ids.ts';
import { type ApiKey, type ApiKeyWithSecret, targetOf } from './api-key.ts';
import { checkApiKey } from './check.ts';
import { insertApiKey } from './store.ts';

/** What changing API keys draws on. */
export interface ApiKeyDeps extends IdSource {
  readonly db: Database;
  readonly digest: DigestFunction;
  readonly fence: Fence;
}

/** What a key is to be. */
export interface NewApiKey {
  readonly name: string;
  readonly environment: Environment;
  /** Absent or null: never. */
  readonly expiresAt?: Date | null | undefined;
  /** Addresses and CIDR blocks; absent or null: anywhere. */
  readonly allowedCidrs?: readonly string[] | null | undefined;
}

/**
 * Makes an API key of the caller's workspace. The value in the answer is the only copy.
 *
 * @throws ServiceError `validation_failed`; `forbidden` for a member who manages no longer
 */
export async function createApiKey(
  deps: Omit<ApiKeyDeps, 'fence'>,
  caller: Caller,
  input: NewApiKey,
  once?: Once<ApiKeyWithSecret>,
): Promise<ApiKeyWithSecret> {
  return inTransaction(deps.db, async (tx) => {
    await once?.claim(tx);
    await requireStanding(tx, caller.principal);
    const { created, event } = await addApiKey(tx, deps, caller, input);
    await once?.remember(tx, created);
    await append(tx, deps, [event]);
    return created;
  });
}

/**
 * The same inside a transaction that changes more. The event is for the caller to append, last.
 */
export async function addApiKey(
  tx: Transaction,
  deps: Omit<ApiKeyDeps, 'db' | 'fence'>,
  { principal, request }: AddedBy,
  input: NewApiKey,
): Promise<{ readonly created: ApiKeyWithSecret; readonly event: NewEvent }> {
  const now = deps.clock.now();
  const checked = checkApiKey(input, now);
  const credential = generateCredential(API_KEY_PREFIX, input.environment, deps.random);
  const actor = actorOf(principal);
  const apiKey: ApiKey = {
    ...checked,
    id: newId('key', deps),
    environment: input.environment,
    hint: hintOf(credential),
    createdAt: now,
    createdBy: actor.id ?? actor.type,
    regeneratedAt: null,
    lastUsedAt: null,
    lastUsedFrom: null,
  };
  await insertApiKey(tx, principal.workspaceId, apiKey, deps.digest(credential));
  const event: NewEvent = {
    workspaceId: principal.workspaceId,
    environment: apiKey.environment,
    action: 'api_key.created',
    outcome: 'success',
    actor,
    targets: [targetOf(apiKey)],
    changes: [
      { field: 'expires_at', old: null, new: apiKey.expiresAt },
      { field: 'allowed_cidrs', old: null, new: apiKey.allowedCidrs },
    ].filter((change) => change.new !== null),
    request,
  };
  return { created: { apiKey, secret: credential }, event };
}

/** A caller; or the service itself at its first start, which no request asked for. */
interface AddedBy {
  readonly principal: Caller['principal'];
  readonly request: NewEvent['request'];
}

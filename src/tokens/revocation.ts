import { append } from '../audit/events/append.ts';
import type { NewEvent, Target } from '../audit/events/event.ts';
import { wipeAnswersOf } from '../credentials/idempotency-store.ts';
import type { Database, Transaction } from '../db/connection.ts';
import type { Caller } from '../identity/principal.ts';
import { type IdSource, idToUuid, type TokenId } from '../lib/ids.ts';
import { tokenEvent } from './events.ts';
import { requireManaged, type Standing } from './holder.ts';
import { markRevoked, type Revocation } from './store/revocation.ts';

/** Who revokes many tokens, and what is said of each. */
export interface RevocationContext {
  readonly deps: IdSource & { readonly db: Database };
  readonly caller: Caller;
  readonly revocation: Revocation;
  /** How the caller stands (holder.ts): each token has to be its to manage. */
  readonly standing: Standing;
  /** What they have in common, if that is why they are revoked together: a target of every event. */
  readonly group?: Target;
}

/** Every token of a batch is a row to lock and an event to seal, and nobody else is answered while events are sealed. */
export const BATCH_SIZE = 500;

/** Revokes those of `ids` that are not yet, with one event each, and returns them. The events come after the locks of the very rows they tell of. */
export async function revokeBatch(
  tx: Transaction,
  { deps, caller, revocation, standing, group }: RevocationContext,
  ids: readonly TokenId[],
): Promise<TokenId[]> {
  const revoked = await markRevoked(tx, ids, revocation);
  for (const token of revoked) requireManaged(standing, token);
  const uuids = revoked.map((token) => idToUuid(token.id));
  const note = revocation.reason === null ? {} : { note: revocation.reason };
  const events = revoked.map((token): NewEvent => {
    const event = tokenEvent('token.revoked', caller, token, note);
    return group === undefined ? event : { ...event, targets: [...event.targets, group] };
  });
  await Promise.all([wipeAnswersOf(tx, uuids), append(tx, deps, events)]);
  return revoked.map((token) => token.id);
}

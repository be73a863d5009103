import type { Environment } from '../credentials/format.ts';
import type { Database } from '../db/connection.ts';
import { type Caller, seesOnlyTokensOf } from '../identity/principal.ts';
import type { Clock } from '../lib/clock.ts';
import type { MemberId } from '../lib/ids.ts';
import { countOwned } from './store/owned.ts';

export type OwnedTokens = Readonly<Record<Environment, number>>;

/**
 * How many tokens of a member of the caller's workspace are neither revoked nor expired, in both environments: what stops
 * working with the member. None for a caller who does not see them.
 */
export async function countOwnedTokens(
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  { principal }: Caller,
  ownerId: MemberId,
): Promise<OwnedTokens> {
  const only = seesOnlyTokensOf(principal);
  if (only !== undefined && only !== ownerId) return { live: 0, test: 0 };
  const counts = await countOwned(db, { workspaceId: principal.workspaceId, ownerId }, clock.now());
  return { live: counts.get('live') ?? 0, test: counts.get('test') ?? 0 };
}

import type { Database } from '../db/connection.ts';
import { type Caller, seesOnlyTokensOf } from '../identity/principal.ts';
import type { Clock } from '../lib/clock.ts';
import { type GroupSize, selectGroupSizes } from './store/group-sizes.ts';
import type { TokenGroup } from './store/grouped.ts';

/** Enough for a list; to ask about one alone, more can be looked at. */
const LOOKED_AT_IN_LISTS = 2_000;
const LOOKED_AT_OF_ONE = 100_000;

/**
 * How many tokens that are neither revoked nor expired some roles, or some projects, of the caller's workspace have, in both
 * environments. Undefined for those who see their own tokens alone.
 */
export async function readGroupSizes<Id extends TokenGroup['id']>(
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  { principal }: Caller,
  column: TokenGroup['column'],
  ids: readonly Id[],
): Promise<ReadonlyMap<Id, GroupSize> | undefined> {
  if (seesOnlyTokensOf(principal) !== undefined) return undefined;
  const most = ids.length === 1 ? LOOKED_AT_OF_ONE : LOOKED_AT_IN_LISTS;
  return selectGroupSizes(db, { workspaceId: principal.workspaceId, column, ids }, { now: clock.now(), most });
}

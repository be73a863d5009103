import type { Database } from '../../db/connection.ts';
import type { Caller } from '../../identity/principal.ts';
import { realmOf } from '../../tokens/realm.ts';
import { selectNames } from './names-store.ts';

/**
 * What the API keys, tokens and members of these ids are called, as far as they are there and the caller sees them: who
 * sees its own tokens alone is told of those alone. Anything else among `ids` has no name.
 */
export function namePrincipals(
  { db }: { readonly db: Database },
  { principal }: Caller,
  ids: readonly (string | null)[],
): Promise<ReadonlyMap<string, string>> {
  const wanted = new Set(ids.filter((id) => id !== null));
  return selectNames(db, realmOf(principal), [...wanted]);
}

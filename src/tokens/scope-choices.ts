import type { Database } from '../db/connection.ts';
import type { Caller } from '../identity/principal.ts';
import { RESERVED_SCOPES, type Scope } from '../identity/scopes.ts';
import { selectScopes } from './store/catalogue.ts';

/** A scope that somebody may pick by its name. */
export interface ScopeChoice {
  readonly name: Scope;
  readonly description: string | null;
  /** It is about Tooken itself, and every workspace has it. */
  readonly isReserved: boolean;
}

/** What there is to grant: up to `limit` scopes of the catalogue, by name, and then the reserved ones. */
export async function listScopeChoices(
  { db }: { readonly db: Database },
  { principal }: Caller,
  limit = 200,
): Promise<ScopeChoice[]> {
  const catalogued = await selectScopes(db, principal.workspaceId, { after: undefined, limit });
  return [
    ...catalogued.map(({ name, description }) => ({ name, description, isReserved: false })),
    ...RESERVED_SCOPES.map((name) => ({ name: name as Scope, description: null, isReserved: true })),
  ];
}

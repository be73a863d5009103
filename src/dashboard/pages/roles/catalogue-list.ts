import { ServiceError } from '../../../lib/errors.ts';
import { listScopes } from '../../../tokens/catalogue.ts';
import { countRolesWith } from '../../../tokens/roles/use.ts';
import type { CataloguedScope } from '../../../tokens/store/catalogue.ts';
import type { Visit } from '../../kernel/visit.ts';

/** A page of the catalogue, as its address asks for it. */
export interface CatalogueList {
  readonly items: readonly CataloguedScope[];
  /** How many roles were given each; none where it has no entry. */
  readonly roles: ReadonlyMap<string, number>;
  readonly first: string | undefined;
  readonly next: string | undefined;
  /** What is wrong with the address; then there are no items. */
  readonly problem: string | undefined;
}

const PAGE_SIZE = 100;

export async function readCatalogue(visit: Visit): Promise<CatalogueList> {
  const { services, caller, query } = visit;
  const cursor = query.get('cursor') || undefined;
  const here = visit.at('/roles/scopes');
  const first = cursor === undefined ? undefined : here;
  try {
    const input = { limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) };
    const { items, nextCursor } = await listScopes(services, caller, input);
    const names = items.map(({ name }) => name);
    const roles = await countRolesWith(services, caller, names);
    const next = nextCursor === null ? undefined : `${here}?${new URLSearchParams({ cursor: nextCursor })}`;
    return { items, roles, first, next, problem: undefined };
  } catch (thrown) {
    if (!(thrown instanceof ServiceError) || thrown.code !== 'invalid_request') throw thrown;
    const problem = 'The address leads to no place in the catalogue. Start from its beginning again.';
    return { items: [], roles: new Map(), first, next: undefined, problem };
  }
}

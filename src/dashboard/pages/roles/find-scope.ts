import { SCOPE_PATTERN } from '../../../identity/scopes.ts';
import { ServiceError } from '../../../lib/errors.ts';
import { getScope } from '../../../tokens/catalogue.ts';
import type { CataloguedScope } from '../../../tokens/store/catalogue.ts';
import type { Visit } from '../../kernel/visit.ts';

/** The scope that the page is about, by the `name` of its path. @throws ServiceError `not_found` */
export async function findScope(visit: Visit): Promise<CataloguedScope> {
  const name = visit.param('name');
  if (!SCOPE_PATTERN.test(name)) throw new ServiceError('not_found');
  return getScope(visit.services, visit.caller, name);
}

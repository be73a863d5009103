import { getScope } from '../../../tokens/catalogue.ts';
import type { CataloguedScope } from '../../../tokens/store/catalogue.ts';
import type { Visit } from '../../kernel/visit.ts';

/** The scope that the page is about, by the `name` of its path. @throws ServiceError `not_found` */
export function findScope(visit: Visit): Promise<CataloguedScope> {
  return getScope(visit.services, visit.caller, visit.param('name'));
}

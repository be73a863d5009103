import type { Named, NamedKind } from '../../../identity/named/kind.ts';
import { getNamed } from '../../../identity/named/list.ts';
import { ServiceError } from '../../../lib/errors.ts';
import { parseId } from '../../../lib/ids.ts';
import type { Visit } from '../../kernel/visit.ts';

/** The role, group or project that the page is about, by the `id` of its path. @throws ServiceError `not_found` */
export async function findNamed<Item extends Named>(visit: Visit, kind: NamedKind<Item>): Promise<Item> {
  const id = parseId(kind.prefix, visit.param('id'));
  if (id === undefined) throw new ServiceError('not_found');
  return getNamed(visit.services, visit.caller, kind, id as Named['id'] as Item['id']);
}

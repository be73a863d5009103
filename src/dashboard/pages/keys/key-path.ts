import type { ApiKey } from '../../../keys/api-key.ts';
import { getApiKey } from '../../../keys/list.ts';
import { ServiceError } from '../../../lib/errors.ts';
import { parseId } from '../../../lib/ids.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';

/** The API key that the address names. @throws ServiceError `not_found`, also for one of the other environment */
export async function keyOf(visit: Visit): Promise<ApiKey> {
  const id = parseId('key', visit.param('id'));
  if (id === undefined) throw new ServiceError('not_found');
  const apiKey = await getApiKey(visit.services, visit.caller.principal.workspaceId, id);
  if (apiKey.environment !== visit.environment) throw new ServiceError('not_found');
  return apiKey;
}

/** Where the page of a key is, or a page below it: `/live/keys/key_…/delete`. */
export function keyPath(visit: Visit, { id }: Pick<ApiKey, 'id'>, below = ''): string {
  return visit.at(`/keys/${id}${below}`);
}

/** Where the pages about one key are, in words. */
export function belowKey(visit: Visit, apiKey: ApiKey): Pick<View, 'section' | 'crumbs'> {
  return {
    section: 'keys',
    crumbs: [
      { title: 'API keys', href: visit.at('/keys') },
      { title: apiKey.name, href: keyPath(visit, apiKey) },
    ],
  };
}

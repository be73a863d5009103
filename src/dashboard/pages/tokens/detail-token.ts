import { ServiceError } from '../../../lib/errors.ts';
import { parseId } from '../../../lib/ids.ts';
import { getToken } from '../../../tokens/list.ts';
import type { Token } from '../../../tokens/token.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';

/** The token that the address names. @throws ServiceError `not_found`, also for what the member does not see */
export async function tokenOf(visit: Visit): Promise<Token> {
  const id = parseId('tkn', visit.param('id'));
  if (id === undefined) throw new ServiceError('not_found');
  return await getToken(visit.services, visit.caller, id);
}

/** Where the page of a token is, or a page below it: `/live/tokens/tkn_…/rotate`. */
export function tokenPath(visit: Visit, { id }: Pick<Token, 'id'>, below = ''): string {
  return visit.at(`/tokens/${id}${below}`);
}

/** Where the pages about one token are, in words. */
export function belowToken(visit: Visit, token: Token): Pick<View, 'section' | 'crumbs'> {
  return {
    section: 'tokens',
    crumbs: [
      { title: 'Tokens', href: visit.at('/tokens') },
      { title: token.name, href: tokenPath(visit, token) },
    ],
  };
}

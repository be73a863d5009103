import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';

/** Where the pages below the account are, in words. */
export function belowAccount(visit: Visit): Pick<View, 'section' | 'crumbs'> {
  return { section: 'account', crumbs: [{ title: 'Your account', href: visit.at('/account') }] };
}

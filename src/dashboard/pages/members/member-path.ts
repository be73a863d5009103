import { ServiceError } from '../../../lib/errors.ts';
import { type MemberId, parseId } from '../../../lib/ids.ts';
import type { Visit } from '../../kernel/visit.ts';

/** The member that the page is about, by the `id` of its path. @throws ServiceError `not_found` for what is no id */
export function memberIdOf(visit: Visit): MemberId {
  const id = parseId('usr', visit.param('id'));
  if (id === undefined) throw new ServiceError('not_found');
  return id;
}

export function memberPath(visit: Visit, { id }: { readonly id: MemberId }): string {
  return visit.at(`/members/${id}`);
}

/** Back to the list of members. */
export function membersCrumb(visit: Visit) {
  return { title: 'Members', href: visit.at('/members') };
}

/** Back to the list, and to one of it. */
export function memberCrumbs(visit: Visit, member: { readonly id: MemberId; readonly name: string }) {
  return [membersCrumb(visit), { title: member.name, href: memberPath(visit, member) }];
}

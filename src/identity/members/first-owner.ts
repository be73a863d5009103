import type { NewEvent, RequestOrigin } from '../../audit/events/event.ts';
import type { Transaction } from '../../db/connection.ts';
import type { LinkDeps } from '../links/links.ts';
import type { SystemPrincipal } from '../principal.ts';
import { newMember } from './create.ts';
import { changesFromNothing, systemEvent } from './events.ts';
import { linkToJoin, type MemberWithLink } from './invite.ts';
import { insertMember } from './write-store.ts';

interface AddedBy {
  readonly principal: SystemPrincipal;
  /** Null when the service does it by itself, at its first start. */
  readonly request: RequestOrigin | null;
}

const NAME = 'owner';

/**
 * Makes the first owner of a workspace, who chooses email and password by the link: the only copy of it. The event is for the
 * caller to append, last.
 */
export async function addFirstOwner(
  tx: Transaction,
  deps: LinkDeps,
  { principal, request }: AddedBy,
): Promise<{ readonly invited: MemberWithLink; readonly event: NewEvent }> {
  const member = newMember(deps, principal, { name: NAME, email: null, access: 'owner' });
  await insertMember(tx, member);
  const link = await linkToJoin(tx, deps, { principal }, member);
  return {
    invited: { member, link },
    event: systemEvent('member.invited', request, member, changesFromNothing(member)),
  };
}

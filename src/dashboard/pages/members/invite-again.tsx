import { inviteAgain } from '../../../identity/members/invite.ts';
import type { Pages } from '../../kernel/pages.ts';
import { JOIN_TEXTS } from './link-once.tsx';
import { mountLinkPage } from './link-page.tsx';

/** A new link for somebody who has not joined yet. */
export function mountInviteAgain(pages: Pages): void {
  mountLinkPage(pages, {
    path: '/members/:id/invite',
    needs: 'inviteMemberAgain',
    title: ({ name }) => `Invite ${name} again`,
    note: () => (
      <p>
        You get a new link to pass on, good for 72 hours. The link that was made before stops working. Access, roles and
        groups stay as they are.
      </p>
    ),
    submit: 'Make new link',
    make: ({ services, caller }, id, once) => inviteAgain(services, caller, id, once),
    made: ({ name }) => ({ ...JOIN_TEXTS, title: `${name} is invited again` }),
  });
}

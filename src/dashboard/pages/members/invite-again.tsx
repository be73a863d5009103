import { inviteAgain, type MemberWithLink } from '../../../identity/members/invite.ts';
import { getManaged } from '../../../identity/members/list.ts';
import { ONCE_FIELD, onceKey, performOnce } from '../../kernel/once.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther, showOnce } from '../../kernel/view.ts';
import { PageForm } from '../../parts/form.tsx';
import { draftOf } from '../named/fields.ts';
import { JOIN_TEXTS, linkView } from './link-once.tsx';
import { memberCrumbs, memberIdOf, memberPath } from './member-path.ts';

/** A new link for somebody who has not joined yet. */
export function mountInviteAgain(pages: Pages): void {
  pages.form('/members/:id/invite', 'inviteMemberAgain', {
    async show(visit, draft) {
      const member = await getManaged(visit.services, visit.caller, memberIdOf(visit));
      const path = memberPath(visit, member);
      const shown = draftOf(draft, { [ONCE_FIELD]: onceKey(visit) });
      return {
        title: `Invite ${member.name} again`,
        section: 'members',
        crumbs: memberCrumbs(visit, member),
        body: (
          <div class="narrow">
            <PageForm csrf={visit.csrf} draft={shown} submit="Make new link" cancel={path}>
              <p>
                You get a new link to pass on, good for 72 hours. The link that was made before stops working. Access,
                roles and groups stay as they are.
              </p>
              <input type="hidden" name={ONCE_FIELD} value={shown.form.text(ONCE_FIELD)} />
            </PageForm>
          </div>
        ),
      };
    },
    async submit(visit, form) {
      const { services, caller } = visit;
      const id = memberIdOf(visit);
      const outcome = await performOnce<MemberWithLink>(visit, form, {
        perform: (once) => inviteAgain(services, caller, id, once),
        pathOf: ({ member }) => memberPath(visit, member),
      });
      if ('madeBefore' in outcome) return seeOther(outcome.madeBefore, 'This link was made before, and shown then.');
      const title = `${outcome.made.member.name} is invited again`;
      return showOnce(linkView(visit, outcome.made, { ...JOIN_TEXTS, title }));
    },
  });
}

import type { MemberWithLink } from '../../../identity/members/invite.ts';
import { getManaged } from '../../../identity/members/list.ts';
import { createResetLink } from '../../../identity/members/reset.ts';
import { ONCE_FIELD, onceKey, performOnce } from '../../kernel/once.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther, showOnce } from '../../kernel/view.ts';
import { PageForm } from '../../parts/form.tsx';
import { draftOf } from '../named/fields.ts';
import { linkView, RESET_TEXTS } from './link-once.tsx';
import { memberCrumbs, memberIdOf, memberPath } from './member-path.ts';

/** A link for somebody who is locked out. */
export function mountReset(pages: Pages): void {
  pages.form('/members/:id/reset', 'createPasswordReset', {
    async show(visit, draft) {
      const member = await getManaged(visit.services, visit.caller, memberIdOf(visit));
      const path = memberPath(visit, member);
      const shown = draftOf(draft, { [ONCE_FIELD]: onceKey(visit) });
      return {
        title: `Make a reset link for ${member.name}`,
        section: 'members',
        crumbs: memberCrumbs(visit, member),
        body: (
          <div class="narrow">
            <PageForm csrf={visit.csrf} draft={shown} submit="Make reset link" cancel={path}>
              <p>
                You get a link to pass on, good for 72 hours, by which a new password is chosen. Make sure that you talk
                to the right person: the link opens the account.
              </p>
              <ul class="notes">
                <li>Nothing changes until the link is used. Then every session ends.</li>
                <li>Links that were made before stop working.</li>
                {member.hasTotp && (
                  <li>The second factor stays on. Whoever has lost that too needs an operator of this service.</li>
                )}
              </ul>
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
        perform: (once) => createResetLink(services, caller, id, {}, once),
        pathOf: ({ member }) => memberPath(visit, member),
      });
      if ('madeBefore' in outcome) return seeOther(outcome.madeBefore, 'This link was made before, and shown then.');
      const title = `A reset link for ${outcome.made.member.name}`;
      return showOnce(linkView(visit, outcome.made, { ...RESET_TEXTS, title }));
    },
  });
}

import type { Child } from 'hono/jsx';
import type { Once } from '../../../credentials/idempotency.ts';
import type { MemberWithLink } from '../../../identity/members/invite.ts';
import { getManaged } from '../../../identity/members/list.ts';
import type { Member } from '../../../identity/members/member.ts';
import type { MemberId } from '../../../lib/ids.ts';
import type { OperationName } from '../../../rights/rights.ts';
import { ONCE_FIELD, onceKey, performOnce } from '../../kernel/once.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther, showOnce } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { PageForm } from '../../parts/form.tsx';
import { draftOf } from '../named/fields.ts';
import { type LinkTexts, linkView } from './link-once.tsx';
import { memberCrumbs, memberIdOf, memberPath } from './member-path.ts';

/** How a link for a member is made, and what is said before and after. */
export interface LinkPage {
  readonly path: string;
  readonly needs: OperationName;
  /** `Invite Ada again` */
  title(member: Member): string;
  /** What it does, above the button. */
  note(member: Member): Child;
  readonly submit: string;
  make(visit: Visit, id: MemberId, once: Once<MemberWithLink>): Promise<MemberWithLink>;
  made(member: Member): LinkTexts;
}

/** A page that makes a link for a member, once, and shows it. */
export function mountLinkPage(pages: Pages, page: LinkPage): void {
  pages.form(page.path, page.needs, {
    async show(visit, draft) {
      const member = await getManaged(visit.services, visit.caller, memberIdOf(visit));
      const shown = draftOf(draft, { [ONCE_FIELD]: onceKey(visit) });
      return {
        title: page.title(member),
        section: 'members',
        crumbs: memberCrumbs(visit, member),
        body: (
          <div class="narrow">
            <PageForm csrf={visit.csrf} draft={shown} submit={page.submit} cancel={memberPath(visit, member)}>
              {page.note(member)}
              <input type="hidden" name={ONCE_FIELD} value={shown.form.text(ONCE_FIELD)} />
            </PageForm>
          </div>
        ),
      };
    },
    async submit(visit, form) {
      const id = memberIdOf(visit);
      const outcome = await performOnce<MemberWithLink>(visit, form, {
        perform: (once) => page.make(visit, id, once),
        pathOf: ({ member }) => memberPath(visit, member),
      });
      if ('madeBefore' in outcome) return seeOther(outcome.madeBefore, 'This link was made before, and shown then.');
      return showOnce(linkView(visit, outcome.made, page.made(outcome.made.member)));
    },
  });
}

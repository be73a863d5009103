import { getManaged } from '../../../identity/members/list.ts';
import { countSessionsOf, endSessionsOf } from '../../../identity/sessions/end-of-member.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther } from '../../kernel/view.ts';
import { effectiveOn } from '../../parts/effective.ts';
import { PageForm } from '../../parts/form.tsx';
import { counted } from '../../parts/times.ts';
import { memberCrumbs, memberIdOf, memberPath } from './member-path.ts';

/** Signs a member out everywhere, for a lost laptop. */
export function mountEndSessions(pages: Pages): void {
  pages.form('/members/:id/end-sessions', 'endMemberSessions', {
    async show(visit, draft) {
      const { services, caller } = visit;
      const member = await getManaged(services, caller, memberIdOf(visit));
      const sessionCount = await countSessionsOf(services, caller, member.id);
      const path = memberPath(visit, member);
      const isSelf = member.id === caller.principal.id;
      return {
        title: `End the sessions of ${member.name}`,
        section: 'members',
        crumbs: memberCrumbs(visit, member),
        body: (
          <div class="narrow">
            <PageForm csrf={visit.csrf} draft={draft} submit="End sessions" danger cancel={path}>
              <p>
                {sessionCount === 0
                  ? 'There is no session now. What begins until you confirm ends, too.'
                  : `${counted(sessionCount, 'session')} ${sessionCount === 1 ? 'ends' : 'end'}, on every device.`}{' '}
                {isSelf && 'That includes this one: you are signed out.'}
              </p>
              <p>The member may sign in again, and its tokens go on. To end those too, remove the member.</p>
            </PageForm>
          </div>
        ),
      };
    },
    async submit(visit) {
      const { services, caller } = visit;
      const id = memberIdOf(visit);
      const { name } = await getManaged(services, caller, id);
      const effective = await endSessionsOf(services, caller, id);
      return seeOther(visit.at(`/members/${id}`), `The sessions of “${name}” are over, ${effectiveOn(effective)}.`);
    },
  });
}

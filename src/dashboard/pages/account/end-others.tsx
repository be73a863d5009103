import { endOtherSessions } from '../../../identity/sessions/end-others.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther } from '../../kernel/view.ts';
import { effectiveOn } from '../../parts/effective.ts';
import { PageForm } from '../../parts/form.tsx';
import { counted } from '../../parts/times.ts';
import { belowAccount } from './account-path.ts';

/** Ends all sessions of one's own but this one. */
export function mountEndOtherSessions(pages: Pages): void {
  pages.form('/account/sessions/end-others', 'endAllSessions', {
    show: (visit, draft) => ({
      ...belowAccount(visit),
      title: 'End all other sessions',
      body: (
        <div class="narrow stack">
          <p>You stay signed in here, and nowhere else. Tokens that you own live on.</p>
          <PageForm csrf={visit.csrf} draft={draft} submit="End all others" danger cancel={visit.at('/account')} />
        </div>
      ),
    }),
    async submit(visit) {
      const { count, effective } = await endOtherSessions(visit.services, visit.caller);
      const said =
        count === 0
          ? 'There was no other session.'
          : `${counted(count, 'other session')} ${count === 1 ? 'is' : 'are'} over, ${effectiveOn(effective)}.`;
      return seeOther(visit.at('/account'), said);
    },
  });
}

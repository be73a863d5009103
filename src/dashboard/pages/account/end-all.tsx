import { endOwnSessions } from '../../../identity/sessions/own.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther } from '../../kernel/view.ts';
import { effectiveOn } from '../../parts/effective.ts';
import { PageForm } from '../../parts/form.tsx';
import { belowAccount } from './account-path.ts';

/** Ends all sessions of one's own, this one too. */
export function mountEndAllSessions(pages: Pages): void {
  pages.form('/account/sessions/end-all', 'endAllSessions', {
    show: (visit, draft) => ({
      ...belowAccount(visit),
      title: 'End all sessions',
      body: (
        <div class="narrow stack">
          <p>
            You are signed out everywhere, here too, and will have to sign in again. Access tokens of the API end with
            them; tokens that you own live on.
          </p>
          <PageForm csrf={visit.csrf} draft={draft} submit="End all sessions" danger cancel={visit.at('/account')} />
        </div>
      ),
    }),
    async submit({ services, caller }) {
      const effective = await endOwnSessions(services, caller);
      return seeOther('/sign-in', `All your sessions are over, ${effectiveOn(effective)}. Sign in again.`, 'none');
    },
  });
}

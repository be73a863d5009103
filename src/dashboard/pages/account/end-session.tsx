import { endOwnSession, requireOwnSession } from '../../../identity/sessions/own.ts';
import { ServiceError } from '../../../lib/errors.ts';
import { parseId, type SessionId } from '../../../lib/ids.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { effectiveOn } from '../../parts/effective.ts';
import { PageForm } from '../../parts/form.tsx';
import { belowAccount } from './account-path.ts';

/** Ends one session of one's own. */
export function mountEndSession(pages: Pages): void {
  pages.form('/account/sessions/:id/end', 'endSession', {
    async show(visit, draft) {
      const id = idOf(visit);
      await requireOwnSession(visit.services, visit.caller, id);
      const isThis = id === visit.session.id;
      return {
        ...belowAccount(visit),
        title: 'End session',
        body: (
          <div class="narrow stack">
            <p>
              {isThis
                ? 'This is the session that you are in: you will have to sign in again.'
                : 'Whoever uses it is signed out at the next click. Tokens that you own live on.'}
            </p>
            <PageForm csrf={visit.csrf} draft={draft} submit="End session" danger cancel={visit.at('/account')} />
          </div>
        ),
      };
    },
    async submit(visit) {
      const id = idOf(visit);
      const notice = `The session is over, ${effectiveOn(await endOwnSession(visit.services, visit.caller, id))}.`;
      return id === visit.session.id ? seeOther('/sign-in', notice, 'none') : seeOther(visit.at('/account'), notice);
    },
  });
}

function idOf(visit: Visit): SessionId {
  const id = parseId('ses', visit.param('id'));
  if (id === undefined) throw new ServiceError('not_found');
  return id;
}

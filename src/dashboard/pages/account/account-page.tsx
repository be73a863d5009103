import { getMember } from '../../../identity/members/list.ts';
import { listOwnSessions } from '../../../identity/sessions/own.ts';
import type { Session } from '../../../identity/sessions/session.ts';
import { readOwnFactor } from '../../../identity/totp/state.ts';
import { ServiceError } from '../../../lib/errors.ts';
import type { Page } from '../../../lib/page.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { Visit } from '../../kernel/visit.ts';
import { AboutYou } from './about-you.tsx';
import { SessionsCard } from './sessions-card.tsx';
import { SignInCard } from './sign-in-card.tsx';

const SESSIONS_PER_PAGE = 50;

/** Who somebody is here, how they sign in, and where they are signed in. */
export function mountOwnAccount(pages: Pages): void {
  pages.page('/account', 'whoami', async (visit) => {
    const { services, caller } = visit;
    const [member, factor, sessions] = await Promise.all([
      getMember(services, caller, caller.principal.id),
      readOwnFactor(services, caller),
      readSessions(visit),
    ]);
    return {
      title: 'Your account',
      section: 'account',
      body: (
        <>
          <div class="columns">
            <AboutYou visit={visit} member={member} />
            <SignInCard visit={visit} factor={factor} />
          </div>
          <SessionsCard visit={visit} sessions={sessions} />
        </>
      ),
    };
  });
}

/** Those of the page that the address asks for; of the first one if it leads nowhere. */
async function readSessions({ services, caller, query }: Visit): Promise<Page<Session>> {
  const cursor = query.get('cursor') || undefined;
  try {
    return await listOwnSessions(services, caller, { limit: SESSIONS_PER_PAGE, cursor });
  } catch (thrown) {
    if (!(thrown instanceof ServiceError && thrown.code === 'invalid_request')) throw thrown;
    return listOwnSessions(services, caller, { limit: SESSIONS_PER_PAGE });
  }
}

import type { Hono } from 'hono';
import { signOut } from '../../../identity/sessions/own.ts';
import { answerInTime } from '../../../web/deadline.ts';
import type { PageDeps } from '../../kernel/deps.ts';
import type { PageEnv } from '../../kernel/env.ts';
import { readForm } from '../../kernel/form.ts';
import { leaveNotice } from '../../kernel/notice.ts';
import { openVisit, requireOwnForm } from '../../kernel/open-visit.ts';
import { requireOwnOrigin } from '../../kernel/protection.ts';

/** Ends the session on the server, so that a copy of its cookie opens nothing either. */
export function mountSignOut(app: Hono<PageEnv>, deps: PageDeps): void {
  const { services, cookies } = deps;
  app.post('/sign-out', answerInTime, async (c) => {
    requireOwnOrigin(c, services.config.publicUrl);
    const form = await readForm(c);
    const visit = await openVisit(c, deps, '/sign-out');
    if (visit !== undefined) {
      requireOwnForm(form, visit.csrf);
      await signOut(services, visit.caller);
      leaveNotice(c, cookies, 'You are signed out.');
    }
    cookies.session.clear(c);
    // What the browser still has of the pages goes too.
    c.header('Clear-Site-Data', '"cache"');
    return c.redirect('/sign-in', 303);
  });
}

import type { Context, Hono } from 'hono';
import { ServiceError } from '../../lib/errors.ts';
import { logError, toServiceError } from '../../web/failure.ts';
import { renderFailure } from '../layout/render.tsx';
import type { PageDeps } from './deps.ts';
import type { PageEnv } from './env.ts';
import { openVisit } from './open-visit.ts';

/** Every failure becomes a page that says what to do; the audit log hears of what was denied, the log of what broke. */
export function handlePageFailures(app: Hono<PageEnv>, deps: PageDeps): void {
  const { logger, refusals } = deps.services;
  async function fail(thrown: unknown, c: Context<PageEnv>): Promise<Response> {
    const error = toServiceError(thrown);
    const visit = c.get('visit');
    if (error.status === 403 && visit !== undefined) await refusals.denied(visit.caller, error);
    logError(logger, c.get('requestId'), error);
    // The session has ended since the request began.
    if (error.code === 'unauthorized') return c.redirect('/sign-in', 303);
    return renderFailure(c, deps, visit, error);
  }

  app.onError(fail);
  app.notFound(async (c) => {
    try {
      return await renderFailure(c, deps, await visitIfAny(c, deps), new ServiceError('not_found'));
    } catch (thrown) {
      // Thrown on, it would pass by the middleware that gives every page its headers.
      return await fail(thrown, c);
    }
  });
}

/** Who looks for what is not there still gets the navigation around it. */
async function visitIfAny(c: Context<PageEnv>, deps: PageDeps) {
  return /^\/(live|test)(\/|$)/.test(c.req.path) ? openVisit(c, deps, '/*') : undefined;
}

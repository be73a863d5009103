import type { Context, Hono } from 'hono';
import { ServiceError } from '../../lib/errors.ts';
import { decideAccess, OPERATIONS, type OperationName } from '../../rights/rights.ts';
import { answerInTime } from '../../web/deadline.ts';
import { setDeviceCookie } from '../../web/device-cookie.ts';
import { toServiceError } from '../../web/failure.ts';
import { confirmView } from '../layout/confirm.tsx';
import { renderView } from '../layout/render.tsx';
import { countFailure } from './count-failure.ts';
import type { PageDeps } from './deps.ts';
import type { PageEnv } from './env.ts';
import { type Draft, type Form, freshDraft, readForm, refusedDraft } from './form.ts';
import { toldOf } from './messages.ts';
import { leaveNotice } from './notice.ts';
import { openVisit, requireOwnForm } from './open-visit.ts';
import { requireOwnOrigin } from './protection.ts';
import { proveAnew } from './prove-anew.ts';
import { createRecheck, type Recheck } from './recheck.ts';
import type { NextSession, Outcome, View } from './view.ts';
import type { Visit } from './visit.ts';

/** A page with a form: what GET shows, and what POST does. */
export interface FormPage {
  /** The page, with what is in the form so far and what is wrong with it. */
  show(visit: Visit, draft: Draft): Promise<View> | View;
  /** Does what the form says. What it throws is shown by the form, which keeps what was typed. */
  submit(visit: Visit, form: Form): Promise<Outcome>;
}

/**
 * The pages for members. Each names the operation of the rights table that it stands for: who may not call that does not get the
 * page. Paths are below the environment: `/tokens/:id`.
 */
export interface Pages {
  page(path: string, needs: OperationName, show: (visit: Visit) => Promise<View> | View): void;
  form(path: string, needs: OperationName, page: FormPage): void;
  /** An answer that is no page: a download, a stream, data for a script. */
  answer(path: string, needs: OperationName, respond: (c: Context<PageEnv>, visit: Visit) => Promise<Response>): void;
  /** The same for what a script asks for by itself, on and on: it keeps no session alive, and who has none gets a 401. */
  background(
    path: string,
    needs: OperationName,
    respond: (c: Context<PageEnv>, visit: Visit, recheck: Recheck) => Promise<Response>,
  ): void;
}

export function createPages(app: Hono<PageEnv>, deps: PageDeps): Pages {
  /** Below both environments. */
  const below = (path: string) => `/:environment{(?:live|test)}${path}`;

  async function enter(
    c: Context<PageEnv>,
    path: string,
    needs: OperationName,
    by: 'member' | 'script' = 'member',
  ): Promise<Visit | undefined> {
    const visit = await openVisit(c, deps, `/{environment}${path.replace(/:(\w+)/g, '{$1}')}`, by);
    if (visit === undefined) return undefined;
    c.set('visit', visit);
    c.set('caller', visit.caller);
    const { requests } = deps.services.limits;
    const { id } = visit.caller.principal;
    if (!requests.take(id)) throw new ServiceError('rate_limited', requests.standingOf(id));
    if (!visit.may(needs)) throw new ServiceError('forbidden', { message: NOT_YOURS_MESSAGE });
    return visit;
  }

  return {
    page(path, needs, show) {
      app.get(below(path), answerInTime, async (c) => {
        const visit = await enter(c, path, needs);
        return visit === undefined ? toSignIn(c) : renderView(c, deps, visit, await show(visit));
      });
    },
    answer(path, needs, respond) {
      app.get(below(path), answerInTime, async (c) => {
        const visit = await enter(c, path, needs);
        return visit === undefined ? toSignIn(c) : await respond(c, visit);
      });
    },
    background(path, needs, respond) {
      app.get(below(path), answerInTime, async (c) => {
        const visit = await enter(c, path, needs, 'script');
        return visit === undefined ? c.body(null, 401) : await respond(c, visit, createRecheck(c, deps, visit, needs));
      });
    },
    form(path, needs, { show, submit }) {
      app.get(below(path), answerInTime, async (c) => {
        const visit = await enter(c, path, needs);
        return visit === undefined ? toSignIn(c) : renderView(c, deps, visit, await show(visit, freshDraft()));
      });
      app.post(below(path), answerInTime, async (c) => {
        requireOwnOrigin(c, deps.services.config.publicUrl);
        const form = await readForm(c);
        const entered = await enter(c, path, needs);
        if (entered === undefined) return toSignIn(c);
        requireOwnForm(form, entered.csrf);
        const proven = isProven(entered, needs) ? entered : await proveAnew(c, deps, entered, form);
        if ('ask' in proven) return renderView(c, deps, entered, confirmView(entered, form, proven.ask), 401);
        // For the page of a failure as well: of the cookie from before no form is taken any more.
        c.set('visit', proven);
        try {
          const outcome = await submit(proven, form);
          if ('download' in outcome) return outcome.download(c, createRecheck(c, deps, proven, needs));
          return answerOutcome(c, deps, proven, outcome);
        } catch (thrown) {
          const error = toServiceError(thrown);
          if (!isShownByForm(error)) throw thrown;
          countFailure(c, deps, error);
          if (error.status === 403) await deps.services.refusals.denied(proven.caller, error);
          return renderView(c, deps, proven, await show(proven, refusedDraft(form, toldOf(error))), error.status);
        }
      });
    },
  };
}

function isProven({ caller, services }: Visit, needs: OperationName): boolean {
  return decideAccess(OPERATIONS[needs], caller.principal, {
    now: services.clock.now(),
    workspace: caller.principal.workspaceId,
  }).allowed;
}

function answerOutcome(
  c: Context<PageEnv>,
  deps: PageDeps,
  visit: Visit,
  outcome: Exclude<Outcome, { download: unknown }>,
): Response | Promise<Response> {
  if ('view' in outcome) return renderView(c, deps, visit, outcome.view);
  if (outcome.notice !== undefined) leaveNotice(c, deps.cookies, outcome.notice);
  if (outcome.session !== undefined) goOnIn(c, deps, outcome.session);
  return c.redirect(outcome.goTo, 303);
}

function goOnIn(c: Context<PageEnv>, { services, cookies }: PageDeps, session: NextSession): void {
  if (session === 'none') {
    cookies.session.clear(c);
  } else {
    cookies.session.set(c, session.cookie);
    setDeviceCookie(c, services.config, session.deviceCookie);
  }
}

/** Signing in leads back here, but not to a form that was sent: it would have to be typed anew anyway. */
function toSignIn(c: Context<PageEnv>): Response {
  const { pathname, search } = new URL(c.req.url);
  return c.redirect(`/sign-in?${new URLSearchParams({ next: pathname + search })}`, 303);
}

/** What somebody can do something about, in this form or a little later. */
function isShownByForm({ code }: ServiceError): boolean {
  return code !== 'not_found' && code !== 'unauthorized' && code !== 'internal_error';
}

const NOT_YOURS_MESSAGE = 'Your access does not cover this page. An owner or admin of the workspace can give you more.';

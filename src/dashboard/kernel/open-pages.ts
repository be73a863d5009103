import type { Context, Hono } from 'hono';
import type { Child } from 'hono/jsx';
import type { RequestOrigin } from '../../audit/events/event.ts';
import { generateSecret, parseSecret } from '../../credentials/opaque-secret.ts';
import type { ServiceError } from '../../lib/errors.ts';
import { answerInTime } from '../../web/deadline.ts';
import { toServiceError } from '../../web/failure.ts';
import type { AssetName } from '../assets/assets.ts';
import { renderBare } from '../layout/render.tsx';
import { countFailure } from './count-failure.ts';
import type { PageDeps } from './deps.ts';
import type { PageEnv } from './env.ts';
import { type Draft, type Form, freshDraft, readForm, refusedDraft } from './form.ts';
import { toldOf } from './messages.ts';
import { leaveNotice, takeNotice } from './notice.ts';
import { requireOwnForm } from './open-visit.ts';
import { originOf } from './origin.ts';
import { requireOwnOrigin } from './protection.ts';

/** Somebody who has not signed in asks for a page. */
export interface Call {
  readonly c: Context<PageEnv>;
  readonly origin: RequestOrigin;
  /** What every form of the page carries. */
  readonly csrf: string;
  readonly notice: string | undefined;
  readonly query: URLSearchParams;
}

export interface OpenView {
  readonly title: string;
  readonly body: Child;
  readonly scripts?: readonly AssetName[];
}

/** A page with a form, for anybody. */
export interface OpenForm {
  show(call: Call, draft: Draft): Promise<OpenView | Response> | OpenView | Response;
  submit(call: Call, form: Form): Promise<OpenResult>;
}

/** Where to go, what to say there, or what to show at once. */
export type OpenResult = { readonly goTo: string; readonly notice?: string } | OpenView;

export interface OpenPages {
  form(path: string, page: OpenForm): void;
}

/**
 * The pages for anybody. Their forms are tied to a cookie of the browser, as those for members are to its session: nobody signs
 * somebody else's browser in (OWASP: login CSRF).
 */
export function createOpenPages(app: Hono<PageEnv>, deps: PageDeps): OpenPages {
  const { services, cookies } = deps;

  function call(c: Context<PageEnv>): Call {
    const secret = parseSecret('cookie', cookies.visit.read(c) ?? '') ?? generateSecret('cookie', services.random);
    cookies.visit.set(c, secret);
    return {
      c,
      origin: originOf(c, c.req.path),
      csrf: services.signInKeys.csrfToken(secret),
      notice: takeNotice(c, cookies),
      query: new URL(c.req.url).searchParams,
    };
  }

  async function show(page: OpenForm, at: Call, draft: Draft, status: 200 | ServiceError['status'] = 200) {
    const shown = await page.show(at, draft);
    return shown instanceof Response ? shown : renderBare(at.c, deps, { ...shown, notice: at.notice }, status);
  }

  return {
    form(path, page) {
      app.get(path, answerInTime, (c) => show(page, call(c), freshDraft()));
      app.post(path, answerInTime, async (c) => {
        requireOwnOrigin(c, services.config.publicUrl);
        const form = await readForm(c);
        const at = call(c);
        requireOwnForm(form, at.csrf);
        try {
          const result = await page.submit(at, form);
          if ('body' in result) return renderBare(c, deps, result);
          if (result.notice !== undefined) leaveNotice(c, cookies, result.notice);
          return c.redirect(result.goTo, 303);
        } catch (thrown) {
          const error = toServiceError(thrown);
          if (error.code === 'internal_error') throw thrown;
          countFailure(c, deps, error);
          return show(page, at, refusedDraft(form, toldOf(error)), error.status);
        }
      });
    },
  };
}

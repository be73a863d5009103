import type { Context } from 'hono';
import { readBrowserSession } from '../../../identity/sessions/browser.ts';
import { signOut } from '../../../identity/sessions/own.ts';
import type { SignedIn } from '../../../identity/sign-in/complete.ts';
import { login } from '../../../identity/sign-in/login.ts';
import { verifyCode } from '../../../identity/sign-in/verify-code.ts';
import { deviceCookieOf, setDeviceCookie } from '../../../web/device-cookie.ts';
import { loginFields } from '../../../web/sign-in-fields.ts';
import type { PageDeps } from '../../kernel/deps.ts';
import type { PageEnv } from '../../kernel/env.ts';
import type { Draft } from '../../kernel/form.ts';
import { parseFields, typedIn } from '../../kernel/form.ts';
import { nextPage } from '../../kernel/next-page.ts';
import type { OpenPages } from '../../kernel/open-pages.ts';
import { openVisit } from '../../kernel/open-visit.ts';
import { CodeForm, SignInForm } from './sign-in-form.tsx';

/** Email and password, then the code of a second factor where there is one. */
export function mountSignIn(pages: OpenPages, deps: PageDeps): void {
  const { services, cookies } = deps;

  pages.form('/sign-in', {
    async show({ c, csrf, query }, draft) {
      const next = nextPage(query.get('next'));
      if (await hasSession(c, deps)) return c.redirect(next, 303);
      return {
        title: 'Sign in',
        body: <SignInForm csrf={csrf} draft={draft} next={next} asksForWorkspace={asksForWorkspace(draft)} />,
      };
    },
    async submit({ c, origin, query }, form) {
      const signingIn = {
        ...parseFields(loginFields, typedIn(form, 'email', 'password', 'workspace')),
        deviceCookie: deviceCookieOf(c, services.config),
        kind: 'browser',
      } as const;
      const next = nextPage(query.get('next'));
      const result = await login(services, signingIn, origin);
      if (result.outcome === 'signed_in') return { goTo: await enter(c, deps, result, next) };
      cookies.challenge.set(c, result.temporaryToken);
      return { goTo: `/sign-in/code?${new URLSearchParams({ next })}` };
    },
  });

  pages.form('/sign-in/code', {
    show({ c, csrf, query }, draft) {
      const next = nextPage(query.get('next'));
      if (cookies.challenge.read(c) === undefined) return c.redirect('/sign-in', 303);
      return { title: 'Second factor', body: <CodeForm csrf={csrf} draft={draft} next={next} /> };
    },
    async submit({ c, origin, query }, form) {
      const input = {
        code: form.text('code').trim(),
        temporaryToken: cookies.challenge.read(c) ?? '',
        deviceCookie: deviceCookieOf(c, services.config),
        kind: 'browser',
      } as const;
      const signedIn = await verifyCode(services, input, origin);
      return { goTo: await enter(c, deps, signedIn, nextPage(query.get('next'))) };
    },
  });
}

/**
 * The browser is known from here on by a cookie that did not exist before, whatever it held (OWASP: session fixation). A
 * session that it held is over: nobody could sign out of it any more.
 */
async function enter(
  c: Context<PageEnv>,
  deps: PageDeps,
  { session, deviceCookie }: SignedIn<'browser'>,
  next: string,
): Promise<string> {
  const { services, cookies } = deps;
  const visit = await openVisit(c, deps, '/sign-in');
  if (visit !== undefined) await signOut(services, visit.caller);
  cookies.session.set(c, session.cookie);
  cookies.visit.clear(c);
  cookies.challenge.clear(c);
  setDeviceCookie(c, services.config, deviceCookie);
  return next;
}

async function hasSession(c: Context<PageEnv>, { services, cookies }: PageDeps): Promise<boolean> {
  return (await readBrowserSession(services, cookies.session.read(c), c.get('address'))) !== undefined;
}

/** Once it has turned out that there are several. */
function asksForWorkspace({ form, problemOf }: Draft): boolean {
  return form.has('workspace') || problemOf('workspace') !== undefined;
}

import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import { BROWSER_IDLE_SECONDS, SESSION_LIFETIME_SECONDS } from '../../identity/sessions/session.ts';
import { CHALLENGE_SECONDS } from '../../identity/sign-in/challenge.ts';

/** A cookie of the dashboard: never seen by scripts, never sent along by other sites' forms. */
export interface PageCookie {
  read(c: Context): string | undefined;
  set(c: Context, value: string): void;
  clear(c: Context): void;
}

export interface PageCookies {
  /** What a signed-in browser is known by. */
  readonly session: PageCookie;
  /** What the forms of somebody who has not signed in yet are tied to. */
  readonly visit: PageCookie;
  /** A sign-in that waits for its second factor. */
  readonly challenge: PageCookie;
  /** What to say on the next page. */
  readonly notice: PageCookie;
}

const NOTICE_SECONDS = 60;

/** The cookies, for pages that browsers know under `publicUrl`. */
export function createPageCookies(publicUrl: string): PageCookies {
  const secure = publicUrl.startsWith('https:');
  // RFC 6265bis §4.1.3: nobody but this very host can set a cookie of such a name.
  const prefix = secure ? '__Host-tooken_' : 'tooken_';
  const options: CookieOptions = { path: '/', httpOnly: true, sameSite: 'Lax', secure };
  const cookie = (name: string, maxAge: number): PageCookie => ({
    read: (c) => getCookie(c, prefix + name),
    set: (c, value) => setCookie(c, prefix + name, value, { ...options, maxAge }),
    clear: (c) => void deleteCookie(c, prefix + name, options),
  });
  return {
    session: cookie('session', SESSION_LIFETIME_SECONDS.browser),
    visit: cookie('visit', BROWSER_IDLE_SECONDS),
    challenge: cookie('challenge', CHALLENGE_SECONDS),
    notice: cookie('notice', NOTICE_SECONDS),
  };
}

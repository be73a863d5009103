import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { Config } from '../config/config.ts';

/** The cookie by which a browser is known again that somebody has signed in with (identity/sign-in/device.ts). */
const NAME = 'tooken_device';
/** Each completed sign-in sets it anew. */
const LIFETIME_SECONDS = 365 * 86_400;

type Published = Pick<Config, 'publicUrl'>;

export function deviceCookieOf(c: Context, config: Published): string | undefined {
  return getCookie(c, nameOf(config));
}

export function setDeviceCookie(c: Context, config: Published, value: string): void {
  setCookie(c, nameOf(config), value, {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: isSecure(config),
    maxAge: LIFETIME_SECONDS,
  });
}

/** Behind HTTPS the name has a prefix that keeps other hosts of the same domain from setting it (RFC 6265bis §4.1.3). */
function nameOf(config: Published): string {
  return isSecure(config) ? `__Host-${NAME}` : NAME;
}

function isSecure({ publicUrl }: Published): boolean {
  return publicUrl.startsWith('https:');
}

import type { Context, MiddlewareHandler } from 'hono';
import { ServiceError } from '../../lib/errors.ts';
import type { PageEnv } from './env.ts';

/** What browsers may do with a page: load what this host serves, send forms to it, and nothing else (OWASP ASVS 5, V3). */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': POLICY,
  // Not `no-referrer`: of such a page browsers say `Origin: null` when its own form is sent.
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
};
const TWO_YEARS = 2 * 365 * 86_400;

/** Gives every answer its headers, and refuses pages where somebody on the way could read or change them. */
export function protect(publicUrl: string): MiddlewareHandler<PageEnv> {
  const isEncrypted = publicUrl.startsWith('https:');
  const headers = { ...HEADERS, ...(isEncrypted && { 'Strict-Transport-Security': `max-age=${TWO_YEARS}` }) };
  return async (c, next) => {
    if (isProtected(c, publicUrl)) await next();
    else c.res = c.text(UNPROTECTED_MESSAGE, 403);
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
  };
}

/**
 * Refuses whatever another site may have sent: RFC 6454 says where a form comes from, and browsers say it of every POST.
 *
 * @throws ServiceError `forbidden`
 */
export function requireOwnOrigin(c: Context<PageEnv>, publicUrl: string): void {
  const site = c.req.header('sec-fetch-site');
  const isOwn = c.req.header('origin') === ownOrigin(c, publicUrl) && (site === undefined || site === 'same-origin');
  if (!isOwn)
    throw new ServiceError('forbidden', { message: `This form was not sent from ${publicUrl}. Open it there.` });
}

/** Where our pages are: as configured, or on this machine under whatever name and port it was asked for. */
function ownOrigin(c: Context<PageEnv>, publicUrl: string): string {
  return publicUrl.startsWith('https:') ? new URL(publicUrl).origin : `http://${c.req.header('host') ?? ''}`;
}

/** Encrypted, as far as we can know, or not leaving this machine. */
function isProtected(c: Context<PageEnv>, publicUrl: string): boolean {
  if (publicUrl.startsWith('https:')) return schemeOf(c) !== 'http';
  return isLoopback(new URL(publicUrl).host) && isLoopback(c.req.header('host') ?? new URL(c.req.url).host);
}

/** What the browser has used, if proxies tell: of several, each of which adds its own, the first. */
function schemeOf(c: Context<PageEnv>): string | undefined {
  return c.req.header('x-forwarded-proto')?.split(',')[0]?.trim().toLowerCase();
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/.test(host);
}

const UNPROTECTED_MESSAGE = `The dashboard is not served over plain HTTP, where others could read along.

Put the service behind HTTPS and set TOOKEN_PUBLIC_URL to its https:// address, or open it on the machine it runs on as
http://localhost with its port.
`;

import type { Context } from 'hono';
import type { PageCookies } from './cookies.ts';

/**
 * What has just been done, to be said on the page that follows. It travels in a cookie, so that no link can make a page
 * say that something has happened.
 */
const MAX_LENGTH = 400;
/** In a name they would turn round the rest of the sentence as well. */
const TURNS_ROUND = /\p{Bidi_Control}/gu;

export function leaveNotice(c: Context, { notice }: PageCookies, text: string): void {
  notice.set(c, Buffer.from(text.replace(TURNS_ROUND, '').slice(0, MAX_LENGTH)).toString('base64url'));
}

/** The notice that waits, which then is gone. */
export function takeNotice(c: Context, { notice }: PageCookies): string | undefined {
  const value = notice.read(c);
  if (value === undefined) return undefined;
  notice.clear(c);
  return Buffer.from(value, 'base64url').toString('utf8').slice(0, MAX_LENGTH);
}

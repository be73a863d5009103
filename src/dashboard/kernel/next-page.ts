const FIRST_PAGE = '/live/overview';

/** Where to go after signing in: a page of ours, whatever the address says. */
export function nextPage(next: string | null): string {
  return next !== null && PAGE.test(next) ? next : FIRST_PAGE;
}

/** Below an environment, and with nothing in it that a browser could take for another host. */
const PAGE = /^\/(?:live|test)\/[a-z0-9_-]+(?:\/(?!\.{1,2}(?:[/?]|$))[A-Za-z0-9_:.-]+)*(?:\?[\x21-\x5b\x5d-\x7e]*)?$/;

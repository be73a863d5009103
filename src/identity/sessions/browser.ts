import type { DigestFunction } from '../../credentials/digest.ts';
import { parseSecret } from '../../credentials/opaque-secret.ts';
import type { Database } from '../../db/connection.ts';
import type { Clock } from '../../lib/clock.ts';
import type { BrowserSession } from './browser-session.ts';
import { selectByCookie, touchSession } from './browser-store.ts';
import { BROWSER_IDLE_SECONDS } from './session.ts';

export interface BrowserSessionDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly digest: DigestFunction;
}

/** Writing it down at each request would cost more than it tells. */
const TOUCH_AFTER_MS = 60_000;

/**
 * The session behind a cookie; undefined once it is over: signed out or ended, 24 hours old, not used for an hour, or its
 * member's rights to it gone. Read from the database each time, so what was taken away is gone at the next request.
 */
export async function readBrowserSession(
  deps: BrowserSessionDeps,
  cookie: string | undefined,
  ip: string | null,
): Promise<BrowserSession | undefined> {
  const session = await findBrowserSession(deps, cookie);
  if (session === undefined) return undefined;
  const now = deps.clock.now();
  const unseenMs = now.getTime() - session.lastSeenAt.getTime();
  if (unseenMs >= TOUCH_AFTER_MS || session.lastSeenFrom !== ip) await touchSession(deps.db, session.id, now, ip);
  return session;
}

/** The same for what nobody has asked for just now: that is no use of the session, which goes on being idle. */
export async function findBrowserSession(
  { db, clock, digest }: BrowserSessionDeps,
  cookie: string | undefined,
): Promise<BrowserSession | undefined> {
  const secret = cookie === undefined ? undefined : parseSecret('cookie', cookie);
  if (secret === undefined) return undefined;
  const now = clock.now();
  const session = await selectByCookie(db, digest(secret), now);
  const unseenMs = now.getTime() - (session?.lastSeenAt.getTime() ?? 0);
  return unseenMs < BROWSER_IDLE_SECONDS * 1000 ? session : undefined;
}

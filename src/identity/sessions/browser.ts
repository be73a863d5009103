import type { DigestFunction } from '../../credentials/digest.ts';
import { parseSecret } from '../../credentials/opaque-secret.ts';
import type { Database } from '../../db/connection.ts';
import type { Clock } from '../../lib/clock.ts';
import type { MemberId, SessionId, WorkspaceId } from '../../lib/ids.ts';
import type { AccessLevel } from '../access-level.ts';
import type { Scope } from '../scopes.ts';
import { selectByCookie, touchSession } from './browser-store.ts';
import { BROWSER_IDLE_SECONDS } from './session.ts';

/** A session that a browser holds by a cookie, with whom it is of, as that is now. */
export interface BrowserSession {
  readonly id: SessionId;
  readonly endsAt: Date;
  /** When the member last proved who it is. */
  readonly authenticatedAt: Date;
  readonly lastSeenAt: Date;
  readonly lastSeenFrom: string | null;
  readonly member: {
    readonly id: MemberId;
    readonly name: string;
    readonly email: string;
    readonly access: AccessLevel;
    /** What its roles grant, with implied reads. */
    readonly scopes: readonly Scope[];
    readonly hasSecondFactor: boolean;
  };
  readonly workspace: {
    readonly id: WorkspaceId;
    readonly name: string;
    /** `#rrggbb`; null for the accent of Tooken. */
    readonly color: string | null;
  };
}

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
  { db, clock, digest }: BrowserSessionDeps,
  cookie: string | undefined,
  ip: string | null,
): Promise<BrowserSession | undefined> {
  const secret = cookie === undefined ? undefined : parseSecret('cookie', cookie);
  if (secret === undefined) return undefined;
  const now = clock.now();
  const session = await selectByCookie(db, digest(secret), now);
  if (session === undefined) return undefined;
  const unseenMs = now.getTime() - session.lastSeenAt.getTime();
  if (unseenMs >= BROWSER_IDLE_SECONDS * 1000) return undefined;
  if (unseenMs >= TOUCH_AFTER_MS || session.lastSeenFrom !== ip) await touchSession(db, session.id, now, ip);
  return session;
}

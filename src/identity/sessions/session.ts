import type { MemberId, SessionId, WorkspaceId } from '../../lib/ids.ts';
import type { AccessLevel } from '../access-level.ts';

/** A completed sign-in: what access tokens name, and are good as long as it is. */
export interface Session {
  readonly id: SessionId;
  readonly memberId: MemberId;
  /** `api`: held by a client that called the API; `browser`: by the dashboard. */
  readonly kind: SessionKind;
  readonly createdAt: Date;
  /** The end of it, whatever happens. */
  readonly expiresAt: Date;
  /** When the member last proved who it is. */
  readonly authenticatedAt: Date;
  readonly lastSeenAt: Date;
  readonly lastSeenFrom: string | null;
  readonly userAgent: string | null;
}

/** As much of a member as its access tokens say. */
export interface SessionMember {
  readonly id: MemberId;
  readonly workspaceId: WorkspaceId;
  readonly access: AccessLevel;
  readonly generation: number;
}

export type SessionKind = 'api' | 'browser';

/** Why a session is over before its time. */
export type EndReason =
  | 'signed_out'
  | 'ended'
  | 'all_ended'
  | 'refresh_reused'
  | 'password_changed'
  | 'password_reset'
  | 'totp_disabled'
  | 'member_removed';

/** How long a session lasts, whatever happens. */
export const SESSION_LIFETIME_SECONDS: Readonly<Record<SessionKind, number>> = {
  api: 7 * 24 * 60 * 60,
  browser: 24 * 60 * 60,
};
/** A browser that has not been seen for so long is signed out. */
export const BROWSER_IDLE_SECONDS = 60 * 60;
export const ACCESS_TOKEN_LIFETIME_SECONDS = 900;

import type { MemberId, SessionId, WorkspaceId } from '../../lib/ids.ts';
import type { AccessLevel } from '../access-level.ts';
import type { Scope } from '../scopes.ts';

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

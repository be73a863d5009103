import type { Actor, RequestOrigin } from '../audit/events/event.ts';
import type { Environment } from '../credentials/format.ts';
import type { ApiKeyId, MemberId, ProjectId, SessionId, TokenId, WorkspaceId } from '../lib/ids.ts';
import { type AccessLevel, seesAllTokens } from './access-level.ts';

/** Who makes a request, resolved once. Rights come from here and nowhere else. */
export type Principal = ApiKeyPrincipal | TokenPrincipal | MemberPrincipal | SystemPrincipal;

/** The whole management API of one workspace and environment. */
export interface ApiKeyPrincipal {
  readonly kind: 'api_key';
  readonly id: ApiKeyId;
  readonly name: string;
  readonly workspaceId: WorkspaceId;
  readonly environment: Environment;
  readonly expiresAt: Date | null;
}

/** What its scopes allow, on tokens no wider than itself. */
export interface TokenPrincipal {
  readonly kind: 'token';
  readonly id: TokenId;
  readonly name: string;
  readonly workspaceId: WorkspaceId;
  readonly environment: Environment;
  /** Effective: with implied reads, and no more than its owner's roles allow. */
  readonly scopes: readonly string[];
  /** The member that it acts for, and never has more than; null for a token of the workspace. */
  readonly owner: TokenOwner | null;
  readonly projectId: ProjectId | null;
  readonly audience: string | null;
  readonly allowedCidrs: readonly string[] | null;
  readonly notBefore: Date | null;
  readonly expiresAt: Date | null;
  /** Which of the token's secrets was presented. */
  readonly secret: 'current' | 'previous';
}

export interface TokenOwner {
  readonly id: MemberId;
  readonly access: AccessLevel;
}

/** A person who has signed in. */
export interface MemberPrincipal {
  readonly kind: 'member';
  readonly id: MemberId;
  readonly name: string;
  readonly workspaceId: WorkspaceId;
  /** The one the request asks for, `live` unless it says otherwise: people have both. */
  readonly environment: Environment;
  readonly access: AccessLevel;
  /** What the member's roles grant, with implied reads: tokens that it owns can do no more. */
  readonly scopes: readonly string[];
  readonly sessionId: SessionId;
  /** When it last proved who it is: at sign-in, or by stepping up. */
  readonly authenticatedAt: Date;
}

/** An operator with access to the database, acting on one workspace through the command line. */
export interface SystemPrincipal {
  readonly kind: 'system';
  readonly workspaceId: WorkspaceId;
  readonly environment: Environment;
}

/** A principal together with the request it makes: what every service function is told about its caller. */
export interface Caller {
  readonly principal: Principal;
  readonly request: RequestOrigin;
}

/** A caller that is a signed-in member. */
export interface MemberCaller extends Caller {
  readonly principal: MemberPrincipal;
}

/** The one member whose tokens are all that a principal sees; undefined if it sees those of everybody. */
export function seesOnlyTokensOf(principal: Principal): MemberId | undefined {
  if (principal.kind === 'member') return seesAllTokens(principal.access) ? undefined : principal.id;
  if (principal.kind !== 'token' || principal.owner === null) return undefined;
  return seesAllTokens(principal.owner.access) ? undefined : principal.owner.id;
}

/** How the audit log names a principal. */
export function actorOf(principal: Principal): Actor {
  switch (principal.kind) {
    case 'api_key':
    case 'token':
    case 'member':
      return { type: principal.kind, id: principal.id, name: principal.name };
    case 'system':
      return { type: 'system', id: null, name: null };
  }
}

/** What `created_by` and the like say of a principal. */
export function principalIdOf(principal: Principal): string {
  return principal.kind === 'system' ? 'system' : principal.id;
}

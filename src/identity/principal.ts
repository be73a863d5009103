import type { Actor, RequestOrigin } from '../audit/events/event.ts';
import type { Environment } from '../credentials/format.ts';
import type { ApiKeyId, TokenId, WorkspaceId } from '../lib/ids.ts';

/** Who makes a request, resolved once. Rights come from here and nowhere else. */
export type Principal = ApiKeyPrincipal | TokenPrincipal | SystemPrincipal;

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
  /** Effective: with implied reads. */
  readonly scopes: readonly string[];
  readonly audience: string | null;
  readonly allowedCidrs: readonly string[] | null;
  readonly notBefore: Date | null;
  readonly expiresAt: Date | null;
  /** Which of the token's secrets was presented. */
  readonly secret: 'current' | 'previous';
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

/** How the audit log names a principal. */
export function actorOf(principal: Principal): Actor {
  switch (principal.kind) {
    case 'api_key':
    case 'token':
      return { type: principal.kind, id: principal.id, name: principal.name };
    case 'system':
      return { type: 'system', id: null, name: null };
  }
}

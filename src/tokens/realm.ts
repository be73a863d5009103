import type { Environment } from '../credentials/format.ts';
import { type Principal, seesOnlyTokensOf } from '../identity/principal.ts';
import type { MemberId, WorkspaceId } from '../lib/ids.ts';

declare const brand: unique symbol;

/**
 * The tokens that exist for a caller; whatever lies outside does not. Made by {@link realmOf} alone, so that nobody who
 * asks for tokens can leave a part of it out.
 */
export interface Realm {
  readonly workspaceId: WorkspaceId;
  readonly environment: Environment;
  /** The member whose tokens are all there is; null for callers who see everybody's. */
  readonly ownerId: MemberId | null;
  readonly [brand]: true;
}

/** Members without further access see their own tokens, and so do the tokens that act for them. */
export function realmOf(principal: Principal): Realm {
  const { workspaceId, environment } = principal;
  return { workspaceId, environment, ownerId: seesOnlyTokensOf(principal) ?? null } as Realm;
}

/** What cursors are bound to: the same text for the same realm. */
export function realmBinding({ workspaceId, environment, ownerId }: Realm): readonly (string | null)[] {
  return [workspaceId, environment, ownerId];
}

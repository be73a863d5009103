import type { Environment } from '../credentials/format.ts';
import type { Owner } from '../identity/members/store.ts';
import { effectiveScopes, effectiveScopesOf, type Scope } from '../identity/scopes.ts';
import type { ProjectId, RoleId, TokenId, WorkspaceId } from '../lib/ids.ts';

/** A token as its managers see it. Its secrets are elsewhere, and of those only digests. */
export interface Token {
  readonly id: TokenId;
  readonly workspaceId: WorkspaceId;
  readonly environment: Environment;
  readonly name: string;
  readonly description: string | null;
  readonly hint: string;
  /** As granted: sorted, each once, without implied reads. */
  readonly scopes: readonly Scope[];
  /** What it carries beside them. */
  readonly role: TokenRole | null;
  /** The member whose rights are the most that it has; null for a token of the workspace. */
  readonly owner: Owner | null;
  readonly projectId: ProjectId | null;
  readonly audience: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Canonical; null allows every address. */
  readonly allowedCidrs: readonly string[] | null;
  readonly notBefore: Date | null;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  /** Id of the principal that issued it, or `system`. */
  readonly createdBy: string;
  /** The tokens it descends from, the one that issued it last; empty when no token issued it. */
  readonly issuedThrough: readonly TokenId[];
  readonly rotatedAt: Date | null;
  /** End of the last overlap, also when it has passed. */
  readonly previousSecretValidUntil: Date | null;
  readonly revokedAt: Date | null;
  readonly revokedBy: string | null;
  readonly revokeReason: string | null;
  /** Counts the changes; the ETag is made of it. */
  readonly revision: number;
  readonly lastUsedAt: Date | null;
  readonly lastUsedFrom: string | null;
  /** Who has used the previous secret since the last rotation; the latest of them, newest first. */
  readonly previousSecretUses: readonly PreviousSecretUse[];
}

/** A role as what a token carries. */
export interface TokenRole {
  readonly id: RoleId;
  readonly name: string;
  readonly scopes: readonly Scope[];
}

/** What the rights of a token are made of. */
type Rights = Pick<Token, 'scopes' | 'role' | 'owner'>;

/** What the token was given, by itself and by its role, with implied reads: all that it could ever do as it is. */
export function grantedScopesOf({ scopes, role }: Pick<Token, 'scopes' | 'role'>): Scope[] {
  return effectiveScopes([...scopes, ...(role?.scopes ?? [])]);
}

/** What the token can do now: what it was given, as far as the roles of its owner go. Nothing once that is removed. */
export function effectiveScopesOfToken({ scopes, role, owner }: Rights): Scope[] {
  const ownerScopes = owner === null ? null : owner.isRemoved ? [] : owner.scopes;
  return effectiveScopesOf({ scopes, roleScopes: role?.scopes ?? [], ownerScopes });
}

export interface PreviousSecretUse {
  /** Who was shown the token; null if that was Tooken itself. */
  readonly introspectorId: string | null;
  /** Where its holder came from: an IPv4 address or an IPv6 /64; null if unknown. */
  readonly source: string | null;
  readonly lastUsedAt: Date;
  readonly count: number;
}

export const TOKEN_STATUSES = ['active', 'not_yet_valid', 'expired', 'revoked'] as const;
export type TokenStatus = (typeof TOKEN_STATUSES)[number];

/** What a token is at `now`. Revocation outlasts expiry; a token ends *at* its expiry, not after it. */
export function statusOf(token: Pick<Token, 'revokedAt' | 'expiresAt' | 'notBefore'>, now: Date): TokenStatus {
  if (token.revokedAt !== null) return 'revoked';
  if (token.expiresAt !== null && now >= token.expiresAt) return 'expired';
  return token.notBefore !== null && now < token.notBefore ? 'not_yet_valid' : 'active';
}

/** Whether it can never be active again. */
export function isFinished(status: TokenStatus): boolean {
  return status === 'revoked' || status === 'expired';
}

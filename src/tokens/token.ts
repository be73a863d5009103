import type { Environment } from '../credentials/format.ts';
import type { Scope } from '../identity/scopes.ts';
import type { TokenId, WorkspaceId } from '../lib/ids.ts';

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

/** The workspace and environment that a caller is confined to. Whatever lies outside does not exist for it. */
export interface Realm {
  readonly workspaceId: WorkspaceId;
  readonly environment: Environment;
}

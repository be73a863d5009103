import { effectiveScopes, grantsScope, type Scope } from '../identity/scopes.ts';
import { areCidrsWithin } from '../lib/addresses.ts';
import { ServiceError } from '../lib/errors.ts';
import type { MemberId, ProjectId } from '../lib/ids.ts';
import { grantedScopesOf, type Token } from './token.ts';

/** How far a token reaches. */
export interface Reach {
  /**
   * What it was given, by itself and by its role: also what its owner's roles cut off at the moment. Otherwise somebody
   * could take a token over while it is small, and have it grow with its owner's rights.
   */
  readonly scopes: readonly string[];
  readonly ownerId: MemberId | null;
  readonly projectId: ProjectId | null;
  readonly audience: string | null;
  readonly allowedCidrs: readonly string[] | null;
  readonly expiresAt: Date | null;
}

export type AuthorityDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly code: 'insufficient_scope'; readonly scope: string }
  | { readonly allowed: false; readonly code: 'forbidden'; readonly message: string };

export function reachOf(token: Omit<Token, 'hint'>): Reach {
  const { owner, projectId, audience, allowedCidrs, expiresAt } = token;
  return { scopes: grantedScopesOf(token), ownerId: owner?.id ?? null, projectId, audience, allowedCidrs, expiresAt };
}

/**
 * Whether a token that reaches as far as `holder` has authority over one that reaches as far as `target`: in no respect
 * may the target reach further. Reading `null` as "everywhere", "forever" or "anybody's", each rule is the subset relation, so
 * authority is reflexive and transitive: no chain of tokens ends up wider than its first. With the same owner both are
 * cut to the same roles, so what is within what the holder was given is within what it can do, whenever.
 */
export function decideAuthority(holder: Reach, target: Reach): AuthorityDecision {
  const missing = effectiveScopes(target.scopes as Scope[]).find((scope) => !grantsScope(holder.scopes, scope));
  if (missing !== undefined) return { allowed: false, code: 'insufficient_scope', scope: missing };
  const message = excessOf(holder, target);
  return message === undefined ? { allowed: true } : { allowed: false, code: 'forbidden', message };
}

/** Throws the 403 of a refusal. Keys and people have no `holder`: they may manage every token they can see. */
export function requireAuthority(holder: Token | undefined, target: Reach): void {
  if (holder === undefined) return;
  const decision = decideAuthority(reachOf(holder), target);
  if (decision.allowed) return;
  if (decision.code === 'forbidden') throw new ServiceError('forbidden', { message: decision.message });
  const message = `A token may only manage tokens within its own scopes, and the calling token lacks ${decision.scope}.`;
  throw new ServiceError('insufficient_scope', { message, scope: decision.scope });
}

function excessOf(holder: Reach, target: Reach): string | undefined {
  if (holder.ownerId !== null && target.ownerId !== holder.ownerId) {
    return 'A token that belongs to a member may only manage tokens of that member.';
  }
  if (holder.projectId !== null && target.projectId !== holder.projectId) {
    return 'A token of a project may only manage tokens of that project.';
  }
  if (holder.expiresAt !== null && (target.expiresAt === null || target.expiresAt > holder.expiresAt)) {
    return 'A token that expires may only manage tokens that expire no later than itself.';
  }
  if (holder.audience !== null && target.audience !== holder.audience) {
    return 'A token with an audience may only manage tokens of the same audience.';
  }
  if (
    holder.allowedCidrs !== null &&
    (target.allowedCidrs === null || !areCidrsWithin(target.allowedCidrs, holder.allowedCidrs))
  ) {
    return 'A token with an address list may only manage tokens whose address lists lie within its own.';
  }
  return undefined;
}

import { closest } from 'fastest-levenshtein';
import type { Transaction } from '../db/connection.ts';
import { type ErrorDetail, ServiceError } from '../lib/errors.ts';
import type { WorkspaceId } from '../lib/ids.ts';
import { effectiveScopes, isReservedScope, RESERVED_SCOPES, type Scope } from './scopes.ts';
import { type IssuingRules, selectScopeNames } from './store/issuing-rules.ts';

/**
 * Enforcing the catalogue refuses scopes that nobody described, at the moment they are granted. Known are:
 *
 * - the reserved scopes;
 * - what the catalogue lists;
 * - `x:read` where it lists `x:write`: whoever may write may read, so the catalogue says both by saying one. The
 *   other way round, a listed `x:read` makes no `x:write` known.
 *
 * Tokens keep scopes that leave the catalogue later: it guards the granting, not the use.
 */

/** The scopes to look up in order to judge `scopes`: themselves, and the writes that would imply them. */
export function scopesToLookUp(scopes: readonly Scope[]): string[] {
  return scopes.flatMap((scope) =>
    scope.endsWith(':read') ? [scope, `${scope.slice(0, -':read'.length)}:write`] : [scope],
  );
}

const MAX_SUGGESTIONS = 10;
const MAX_CANDIDATES = 5_000;

/** `unknown_scope`, naming the nearest known ones; undefined if the workspace's rules allow to grant all of `scopes`. */
export async function judgeScopes(
  tx: Transaction,
  workspaceId: WorkspaceId,
  { catalogued }: IssuingRules,
  scopes: readonly Scope[],
): Promise<ServiceError | undefined> {
  if (catalogued === null) return undefined;
  const known = new Set<string>(effectiveScopes([...catalogued] as Scope[]));
  const unknown = scopes.filter((scope) => !known.has(scope) && !isReservedScope(scope));
  if (unknown.length === 0) return undefined;
  const names = await selectScopeNames(tx, workspaceId, MAX_CANDIDATES);
  const candidates = [...effectiveScopes(names as Scope[]), ...RESERVED_SCOPES];
  const details = unknown.map((scope, n): ErrorDetail => {
    const suggestion = n < MAX_SUGGESTIONS ? `; the nearest is ${closest(scope, candidates)}` : '';
    return { path: 'scopes', message: `${scope} is not in the catalogue${suggestion}` };
  });
  return new ServiceError('unknown_scope', { details });
}

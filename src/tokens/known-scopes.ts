import { closest } from 'fastest-levenshtein';
import type { Transaction } from '../db/connection.ts';
import { effectiveScopes, isReservedScope, RESERVED_SCOPES, type Scope } from '../identity/scopes.ts';
import { type ErrorDetail, ServiceError } from '../lib/errors.ts';
import type { WorkspaceId } from '../lib/ids.ts';
import { type IssuingRules, selectIssuingRules, selectNeighbours } from './store/issuing-rules.ts';

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

/**
 * Comparing is work for the processor, and while it is at it nobody else gets an answer. So only some of the unknown
 * scopes get a suggestion, and a large catalogue is only looked at around the place where the unknown name would stand.
 */
const MAX_SUGGESTIONS = 3;
const NEIGHBOURS_EACH_WAY = 50;

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
  const neighbours = await selectNeighbours(tx, workspaceId, unknown.slice(0, MAX_SUGGESTIONS), NEIGHBOURS_EACH_WAY);
  const details = unknown.map((scope): ErrorDetail => {
    const names = neighbours.get(scope);
    const suggestion = names === undefined ? '' : `; the nearest is ${nearestOf(scope, names as Scope[])}`;
    return { path: 'scopes', message: `${scope} is not in the catalogue${suggestion}` };
  });
  return new ServiceError('unknown_scope', { details });
}

/** The same for scopes that something is given beside those it has, which it may keep. Throws what speaks against it. */
export async function requireNewScopesKnown(
  tx: Transaction,
  workspaceId: WorkspaceId,
  held: readonly Scope[],
  wanted: readonly Scope[],
): Promise<void> {
  const added = wanted.filter((scope) => !held.includes(scope));
  if (added.length === 0) return;
  const rules = await selectIssuingRules(tx, [workspaceId], scopesToLookUp(added));
  const rule = rules.get(workspaceId);
  const error = rule && (await judgeScopes(tx, workspaceId, rule, added));
  if (error !== undefined) throw error;
}

function nearestOf(scope: Scope, names: readonly Scope[]): string {
  return closest(scope, [...effectiveScopes(names), ...RESERVED_SCOPES]);
}

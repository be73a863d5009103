/**
 * Scopes are `resource:action`. `write` on a resource implies `read` on it, whether or not a catalogue lists either.
 */
declare const scopeBrand: unique symbol;
export type Scope = `${string}:${string}` & { readonly [scopeBrand]: true };

export const SCOPE_PATTERN = /^[a-z0-9][a-z0-9._-]*:[a-z0-9][a-z0-9._-]*$/;
export const SCOPE_MAX_LENGTH = 128;

/** The scopes that let a token call Tooken itself. They exist in every workspace, catalogued or not. */
export const RESERVED_SCOPES = ['tokens:read', 'tokens:write', 'tokens:introspect', 'audit:read'] as const;
export type ReservedScope = (typeof RESERVED_SCOPES)[number];

export function isReservedScope(scope: string): scope is ReservedScope {
  return (RESERVED_SCOPES as readonly string[]).includes(scope);
}

/** `scopes` with every implied `read` added: sorted, each once. This is what a token can do. */
export function effectiveScopes(scopes: readonly Scope[]): Scope[] {
  const all = new Set<Scope>(scopes);
  for (const scope of scopes) {
    if (scope.endsWith(':write')) all.add(`${scope.slice(0, -':write'.length)}:read` as Scope);
  }
  return [...all].sort();
}

/** What makes up the rights of a token. */
export interface ScopeSources {
  /** As granted to the token itself. */
  readonly scopes: readonly Scope[];
  /** Those of its role; empty without one. */
  readonly roleScopes: readonly Scope[];
  /** All that its owner's roles grant, nothing once the owner has been removed; null for a token without owner. */
  readonly ownerScopes: readonly Scope[] | null;
}

/**
 * What a token can do: its own scopes and those of its role, with every implied `read`, and of these no more than its
 * owner's roles allow. Sorted, each once, and closed: whoever is left a `write` is left its `read`.
 */
export function effectiveScopesOf({ scopes, roleScopes, ownerScopes }: ScopeSources): Scope[] {
  const granted = effectiveScopes([...scopes, ...roleScopes]);
  if (ownerScopes === null) return granted;
  const allowed = new Set(effectiveScopes(ownerScopes));
  return granted.filter((scope) => allowed.has(scope));
}

/** `scopes` as a token keeps them: sorted, each once, so that equal rights look equal. */
export function grantableScopes(scopes: readonly Scope[]): Scope[] {
  return [...new Set(scopes)].sort();
}

/** Whether holding `held` allows `needed`. */
export function grantsScope(held: readonly string[], needed: string): boolean {
  if (held.includes(needed)) return true;
  return needed.endsWith(':read') && held.includes(`${needed.slice(0, -':read'.length)}:write`);
}

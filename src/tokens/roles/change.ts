import type { Effective, Fence } from '../../coherence/fence.ts';
import { invalidate } from '../../coherence/invalidate.ts';
import type { Once } from '../../credentials/idempotency.ts';
import { inTransaction } from '../../db/connection.ts';
import { changeNamed } from '../../identity/named/change.ts';
import { createNamed, type NamedDeps, type NamedInput } from '../../identity/named/create.ts';
import { ROLE, type Role } from '../../identity/named/kind.ts';
import type { Caller } from '../../identity/principal.ts';
import { grantableScopes } from '../../identity/scopes.ts';
import type { RoleId } from '../../lib/ids.ts';
import type { ExpectedRevisions } from '../../lib/revision.ts';
import { requireNewScopesKnown } from '../known-scopes.ts';

export interface RoleDeps extends NamedDeps {
  readonly fence: Fence;
}

/** Adds a role. Its scopes have to be known where the catalogue is enforced. */
export async function createRole(
  deps: NamedDeps,
  caller: Caller,
  { scopes, ...rest }: NamedInput<Role>,
  once?: Once<Role>,
): Promise<Role> {
  const input = { ...rest, scopes: grantableScopes(scopes) };
  const { workspaceId } = caller.principal;
  return createNamed(deps, caller, ROLE, input, {
    once,
    check: (tx) => requireNewScopesKnown(tx, workspaceId, [], input.scopes),
  });
}

/**
 * Changes a role. By the time this answers, the tokens that carry it and those of the members who hold it can do what it
 * says now, everywhere. Scopes that it has already stay allowed, whatever the catalogue says.
 */
export async function changeRole(
  deps: RoleDeps,
  caller: Caller,
  id: RoleId,
  { scopes, ...rest }: Partial<NamedInput<Role>>,
  expected?: ExpectedRevisions,
): Promise<{ readonly role: Role; readonly effective: Effective }> {
  const input = { ...rest, ...(scopes !== undefined && { scopes: grantableScopes(scopes) }) };
  const { role, invalidated } = await inTransaction(deps.db, async (tx) => {
    const invalidated = await invalidate(tx, [id]);
    const check = (before: Role, after: Role) =>
      requireNewScopesKnown(tx, after.workspaceId, before.scopes, after.scopes);
    return { role: await changeNamed(tx, deps, caller, { kind: ROLE, id, input, expected, check }), invalidated };
  });
  return { role, effective: await deps.fence(invalidated) };
}

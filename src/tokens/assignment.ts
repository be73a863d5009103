import type { Transaction } from '../db/connection.ts';
import type { Owner } from '../identity/members/store.ts';
import { PROJECT, ROLE } from '../identity/named/kind.ts';
import { requireKnown } from '../identity/named/require.ts';
import { effectiveScopes, grantsScope, type Scope } from '../identity/scopes.ts';
import { type ErrorDetail, ServiceError } from '../lib/errors.ts';
import type { MemberId, ProjectId, RoleId, WorkspaceId } from '../lib/ids.ts';
import type { Standing } from './holder.ts';
import { invalid } from './lifetime.ts';
import { holdsRole, lockOwner } from './store/belongings.ts';
import type { TokenRole } from './token.ts';

/** What a token is to carry and belong to, by id. Null is none, and absent is nothing said. */
export interface AssignmentInput {
  readonly roleId?: RoleId | null;
  readonly ownerId?: MemberId | null;
  readonly projectId?: ProjectId | null;
}

export interface Assignment {
  readonly role: TokenRole | null;
  readonly owner: Owner | null;
  readonly projectId: ProjectId | null;
}

/**
 * What a new token carries and belongs to, locked so that it stays until the transaction ends. Keys and those who manage
 * the workspace choose freely; members issue for themselves; tokens issue for their own owner and project, if they
 * have any, and give nobody a role.
 */
export async function assign(tx: Transaction, standing: Standing, input: AssignmentInput): Promise<Assignment> {
  const { workspaceId } = standing.realm;
  return {
    // Members are locked before roles, here as everywhere.
    owner: await assignOwner(tx, standing, input.ownerId ?? null),
    role: input.roleId ? await assignRole(tx, standing, input.roleId) : null,
    projectId: await assignProject(tx, workspaceId, standing, input.projectId ?? null),
  };
}

/** The role `id`, if the caller may give it away. Throws 422 for one that the workspace does not have. */
export async function assignRole(tx: Transaction, standing: Standing, id: RoleId): Promise<TokenRole> {
  if (standing.holder !== undefined) {
    throw new ServiceError('forbidden', { message: 'A token gives no roles. Use an API key, or leave the role out.' });
  }
  const { name, scopes } = await requireKnown(tx, ROLE, standing.realm.workspaceId, id, 'role');
  if (standing.self !== undefined && !(await holdsRole(tx, standing.self.id, id))) {
    throw new ServiceError('forbidden', {
      message: 'You can give your tokens the roles that you hold, and no others.',
    });
  }
  return { id, name, scopes };
}

/** The member `id` as an owner of tokens. Throws 422 for one that the workspace does not have, or has no more. */
export async function requireOwner(tx: Transaction, workspaceId: WorkspaceId, id: MemberId): Promise<Owner> {
  const owner = await lockOwner(tx, workspaceId, id);
  if (owner === undefined) throw invalid('owner', 'is the id of no member of this workspace');
  if (owner.isRemoved) throw invalid('owner', 'is a member who was removed; name somebody else');
  return owner;
}

async function assignOwner(tx: Transaction, { realm, holder, self }: Standing, id: MemberId | null) {
  const own = holder === undefined ? self : holder.owner;
  if (own !== undefined && own !== null) {
    if (id === null || id === own.id) return own;
    const message = 'Tokens that you issue belong to you. Leave the owner out, or ask an admin to issue this one.';
    throw new ServiceError('forbidden', { message });
  }
  if (id === null) return null;
  // Who introspects it would take what the token issues for that member itself.
  const message = 'A token that belongs to nobody issues no tokens that belong to somebody. Use an API key.';
  if (holder !== undefined) throw new ServiceError('forbidden', { message });
  return await requireOwner(tx, realm.workspaceId, id);
}

async function assignProject(
  tx: Transaction,
  workspaceId: WorkspaceId,
  { holder }: Standing,
  id: ProjectId | null,
): Promise<ProjectId | null> {
  if (holder === undefined || holder.projectId === null) {
    return id === null ? null : (await requireKnown(tx, PROJECT, workspaceId, id, 'project_id')).id;
  }
  if (id === null || id === holder.projectId) return holder.projectId;
  throw new ServiceError('forbidden', { message: 'A token of a project issues tokens of that project only.' });
}

/** What a call newly gives to a token: scopes in the order of the request, and a role. */
export interface Grant {
  readonly scopes: readonly Scope[];
  readonly role: TokenRole | null;
}

/**
 * Refuses what the owner's roles would cut off at once. `held` is what the token was given before, which it may keep. Whoever
 * chose the owner is told which field is wrong; who issues for itself lacks the scope.
 */
export function requireWithinOwner(
  standing: Standing,
  owner: Owner | null,
  grant: Grant,
  held: readonly Scope[] = [],
): void {
  if (owner === null) return;
  const ownerScopes = owner.isRemoved ? [] : owner.scopes;
  const isBeyond = (scope: Scope) => !grantsScope(ownerScopes, scope) && !grantsScope(held, scope);
  const roleScope = effectiveScopes(grant.role?.scopes ?? []).find(isBeyond);
  const details: ErrorDetail[] = grant.scopes.flatMap((scope, n) =>
    isBeyond(scope) ? [{ path: `scopes[${n}]`, message: `${scope} is granted by none of the owner's roles` }] : [],
  );
  if (standing.self === undefined && standing.holder === undefined) {
    if (roleScope !== undefined) {
      details.push({ path: 'role', message: `has ${roleScope}, which none of the owner's roles grants` });
    }
    if (details.length > 0) throw new ServiceError('validation_failed', { details });
    return;
  }
  const scope = grant.scopes.find(isBeyond) ?? roleScope;
  if (scope === undefined) return;
  const whose = standing.self === undefined ? 'the member who owns the token holds' : 'you hold';
  const message = `None of the roles that ${whose} grants ${scope}.`;
  throw new ServiceError('insufficient_scope', { message, scope });
}

/** A token without any scope is good for nothing; with a role it needs none of its own. */
export function requireSomething({ scopes, role }: Grant): void {
  if (scopes.length === 0 && role === null) {
    throw invalid('scopes', 'must name at least one scope, unless the token has a role');
  }
}

import { append } from '../audit/events/append.ts';
import type { Effective } from '../coherence/fence.ts';
import { invalidate } from '../coherence/invalidate.ts';
import type { Transaction } from '../db/connection.ts';
import { PROJECT } from '../identity/named/kind.ts';
import { requireKnown } from '../identity/named/require.ts';
import type { Caller } from '../identity/principal.ts';
import { grantableScopes, type Scope } from '../identity/scopes.ts';
import { ServiceError } from '../lib/errors.ts';
import type { TokenId } from '../lib/ids.ts';
import { type ExpectedRevisions, requireRevision } from '../lib/revision.ts';
import { type AssignmentInput, assignRole, requireSomething, requireWithinOwner } from './assignment.ts';
import { reachOf, requireAuthority } from './authority.ts';
import { changesBetween, tokenEvent } from './events.ts';
import { lockForChange, type Standing } from './holder.ts';
import type { TokenDeps } from './issue.ts';
import { requireNewScopesKnown } from './known-scopes.ts';
import { invalid, requireLifetime } from './lifetime.ts';
import { updateToken as writeToken } from './store/tokens.ts';
import { grantedScopesOf, isFinished, statusOf, type Token } from './token.ts';
import { inTokenTransaction } from './transaction.ts';

/** What is absent stays as it is. */
export interface UpdateInput extends Pick<AssignmentInput, 'roleId' | 'projectId'> {
  readonly name?: string;
  readonly description?: string | null;
  readonly scopes?: readonly Scope[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly allowedCidrs?: readonly string[] | null;
  readonly expiresAt?: Date | null;
}

/** A changed token, and where the change has taken effect. */
export interface TokenChange {
  readonly token: Token;
  readonly effective: Effective;
}

/**
 * Changes fields of a token, everywhere by the time this answers. What it may do ends no later than before: an expiry comes forward, never back. A finished
 * token is history, of which only the notes can change: name, description, metadata. An update that says what is so
 * already changes nothing, the revision included, and leaves no event.
 */
export async function updateToken(
  deps: TokenDeps,
  caller: Caller,
  id: TokenId,
  input: UpdateInput,
  expected?: ExpectedRevisions,
): Promise<TokenChange> {
  const now = deps.clock.now();
  const { token, invalidated } = await inTokenTransaction(deps.db, async (tx) => {
    const { token, standing } = await lockForChange(tx, caller, id, now);
    requireRevision(expected, token.revision);
    requireAssigner(standing, input);
    const edited = applyInput(token, input, now);
    requireChangeable(token, edited, input, now);
    const next = await reassigned(tx, standing, edited, input);
    const changes = changesBetween(token, next);
    if (changes.length === 0) return { token, invalidated: await invalidate(tx, [id]) };
    if (input.scopes !== undefined || input.roleId !== undefined) requireSomething(next);
    requireAuthority(standing.holder, reachOf(next));
    requireWithinOwner(standing, next.owner, { scopes: input.scopes ?? [], role: next.role }, grantedScopesOf(token));
    await requireNewScopesKnown(tx, next.workspaceId, token.scopes, next.scopes);
    const updated = { ...next, revision: token.revision + 1 };
    await writeToken(tx, updated);
    const [invalidated] = await Promise.all([
      invalidate(tx, [id]),
      append(tx, deps, [tokenEvent('token.updated', caller, updated, { changes })]),
    ]);
    return { token: updated, invalidated };
  });
  return { token, effective: await deps.fence(invalidated) };
}

function applyInput(token: Token, input: UpdateInput, now: Date): Token {
  const { scopes, expiresAt, roleId: _role, projectId: _project, ...rest } = input;
  return {
    ...token,
    ...rest,
    ...(scopes !== undefined && { scopes: grantableScopes(scopes) }),
    ...(expiresAt !== undefined && { expiresAt: broughtForward(token, expiresAt, now) }),
  };
}

/** The token with another role and in another project, as far as `input` says so and the caller may. */
async function reassigned(tx: Transaction, standing: Standing, token: Token, input: UpdateInput): Promise<Token> {
  const { roleId = token.role?.id ?? null, projectId = token.projectId } = input;
  return {
    ...token,
    ...(roleId !== (token.role?.id ?? null) && { role: roleId && (await assignRole(tx, standing, roleId)) }),
    ...(projectId !== token.projectId && {
      projectId: projectId && (await requireKnown(tx, PROJECT, token.workspaceId, projectId, 'project_id')).id,
    }),
  };
}

/** Roles are for keys and people to give and take, projects for keys and those who manage the workspace. */
function requireAssigner({ holder, self }: Standing, { roleId, projectId }: UpdateInput): void {
  if (holder !== undefined && roleId !== undefined) throw refusal('A token changes no roles. Use an API key.');
  if (projectId === undefined) return;
  if (holder !== undefined) throw refusal('A token moves no tokens between projects. Use an API key.');
  if (self !== undefined) throw refusal('Only owners and admins move tokens between projects. Ask one of them.');
}

function refusal(message: string): ServiceError {
  return new ServiceError('forbidden', { message });
}

/** Before anything is locked that the token would be assigned: who removes that locks it before finished tokens. */
function requireChangeable(token: Token, next: Token, { roleId, projectId }: UpdateInput, now: Date): void {
  const status = statusOf(token, now);
  if (!isFinished(status)) return;
  const isReassigned =
    (roleId !== undefined && roleId !== (token.role?.id ?? null)) ||
    (projectId !== undefined && projectId !== token.projectId);
  if (!isReassigned && changesBetween(token, next).every(({ field }) => NOTES.has(field))) return;
  const message = `The token is ${status}, so only its name, description and metadata can change.`;
  throw new ServiceError('conflict', { message });
}

const NOTES = new Set(['name', 'description', 'metadata']);

function broughtForward(token: Token, expiresAt: Date | null, now: Date): Date | null {
  if (expiresAt?.getTime() === token.expiresAt?.getTime()) return token.expiresAt;
  if (expiresAt === null || (token.expiresAt !== null && expiresAt > token.expiresAt)) {
    throw invalid('expires_at', 'can only be brought forward; rotate the token to give it a later expiry');
  }
  if (expiresAt <= now) throw invalid('expires_at', 'must lie in the future; revoke the token to end it now');
  requireLifetime(expiresAt, token.notBefore, now);
  return expiresAt;
}

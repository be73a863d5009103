import { append } from '../audit/events/append.ts';
import type { AuditAction } from '../audit/events/catalogue.ts';
import type { Change, NewEvent } from '../audit/events/event.ts';
import type { Once } from '../credentials/idempotency.ts';
import { type Database, inTransaction } from '../db/connection.ts';
import { requireStanding } from '../identity/members/standing.ts';
import { actorOf, type Caller } from '../identity/principal.ts';
import { isReservedScope, type Scope } from '../identity/scopes.ts';
import type { CursorCodec } from '../lib/cursor.ts';
import { ServiceError } from '../lib/errors.ts';
import type { IdSource } from '../lib/ids.ts';
import { BAD_CURSOR_MESSAGE, type Page } from '../lib/page.ts';
import { type ExpectedRevisions, requireRevision } from '../lib/revision.ts';
import { invalid } from './lifetime.ts';
import {
  type CataloguedScope,
  deleteScope,
  insertScope,
  lockScope,
  selectScope,
  selectScopes,
  updateScope,
} from './store/catalogue.ts';

/** The scope catalogue: what the scopes of a workspace are called and mean. It belongs to both environments. */

interface CatalogueDeps extends IdSource {
  readonly db: Database;
}

interface ScopeInput {
  readonly name: Scope;
  readonly description: string | null;
}

/** Adds a scope. The reserved ones exist in every workspace and mean the same in each, so they are refused. */
export async function createScope(
  deps: CatalogueDeps,
  caller: Caller,
  { name, description }: ScopeInput,
  once?: Once<CataloguedScope>,
): Promise<CataloguedScope> {
  if (isReservedScope(name)) throw invalid('name', 'is reserved: every workspace has it already');
  const now = deps.clock.now();
  const scope = { name, description, revision: 1, createdAt: now, updatedAt: now };
  return inTransaction(deps.db, async (tx) => {
    await once?.claim(tx);
    await requireStanding(tx, caller.principal);
    if (!(await insertScope(tx, caller.principal.workspaceId, scope))) {
      throw new ServiceError('conflict', { message: `The catalogue has ${name} already.` });
    }
    await once?.remember(tx, scope);
    const changes = description === null ? [] : [descriptionChange(null, description)];
    await append(tx, deps, [scopeEvent('scope.created', caller, name, changes)]);
    return scope;
  });
}

export async function getScope(
  { db }: Pick<CatalogueDeps, 'db'>,
  caller: Caller,
  name: string,
): Promise<CataloguedScope> {
  const scope = await selectScope(db, caller.principal.workspaceId, name);
  if (scope === undefined) throw new ServiceError('not_found');
  return scope;
}

/** A page of the catalogue by name: people look scopes up, and no one asks which came last. */
export async function listScopes(
  { db, cursors }: { readonly db: Database; readonly cursors: CursorCodec },
  { principal }: Caller,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): Promise<Page<CataloguedScope>> {
  const binding = JSON.stringify(['scopes', principal.workspaceId]);
  const after = cursor === undefined ? undefined : cursors.decode(binding, cursor);
  if (cursor !== undefined && typeof after !== 'string') {
    throw new ServiceError('invalid_request', { message: BAD_CURSOR_MESSAGE });
  }
  const position = typeof after === 'string' ? after : undefined;
  const scopes = await selectScopes(db, principal.workspaceId, { after: position, limit: limit + 1 });
  const items = scopes.slice(0, limit);
  const last = items.at(-1);
  const hasMore = scopes.length > limit && last !== undefined;
  return { items, nextCursor: hasMore ? cursors.encode(binding, last.name) : null };
}

/** Changes what is said about a scope; its name is what tokens hold, and stays. */
export async function describeScope(
  deps: CatalogueDeps,
  caller: Caller,
  name: string,
  description: string | null | undefined,
  expected?: ExpectedRevisions,
): Promise<CataloguedScope> {
  const { workspaceId } = caller.principal;
  return inTransaction(deps.db, async (tx) => {
    await requireStanding(tx, caller.principal);
    const scope = await lockScope(tx, workspaceId, name);
    if (scope === undefined) throw new ServiceError('not_found');
    requireRevision(expected, scope.revision);
    if (description === undefined || description === scope.description) return scope;
    const described = { ...scope, description, revision: scope.revision + 1, updatedAt: deps.clock.now() };
    await updateScope(tx, workspaceId, described);
    const changes = [descriptionChange(scope.description, description)];
    await append(tx, deps, [scopeEvent('scope.updated', caller, name, changes)]);
    return described;
  });
}

/** Takes a scope out of the catalogue. Tokens that have it keep it. */
export async function removeScope(deps: CatalogueDeps, caller: Caller, name: string): Promise<void> {
  const { workspaceId } = caller.principal;
  await inTransaction(deps.db, async (tx) => {
    await requireStanding(tx, caller.principal);
    if ((await lockScope(tx, workspaceId, name)) === undefined) throw new ServiceError('not_found');
    await deleteScope(tx, workspaceId, name);
    await append(tx, deps, [scopeEvent('scope.deleted', caller, name, [])]);
  });
}

function descriptionChange(before: string | null, after: string | null): Change {
  return { field: 'description', old: before, new: after, isPersonal: true };
}

function scopeEvent(
  action: Extract<AuditAction, `scope.${string}`>,
  { principal, request }: Caller,
  name: string,
  changes: readonly Change[],
): NewEvent {
  return {
    workspaceId: principal.workspaceId,
    environment: null,
    action,
    outcome: 'success',
    actor: actorOf(principal),
    targets: [{ type: 'scope', id: name, name: null }],
    request,
    changes,
  };
}

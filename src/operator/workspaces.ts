import { append } from '../audit/events/append.ts';
import type { NewEvent, RequestOrigin } from '../audit/events/event.ts';
import { DEFAULT_TOKEN_PREFIX } from '../credentials/format.ts';
import { type Database, inTransaction, type Transaction } from '../db/connection.ts';
import { isUniqueViolation } from '../db/errors.ts';
import { inviteFirstOwner } from '../identity/members/first-owner.ts';
import { ServiceError } from '../lib/errors.ts';
import { type IdSource, newId } from '../lib/ids.ts';
import { parseName } from '../lib/names.ts';
import type { Session } from './session.ts';
import { type FirstOwnerView, viewFirstOwner, viewWorkspace, type WorkspaceView } from './views.ts';
import { insertWorkspace, selectWorkspaces, WORKSPACE_NAME, type Workspace } from './workspace-store.ts';

interface WorkspaceDeps extends IdSource {
  readonly db: Database;
}

/** Oldest first. */
export async function listWorkspaces({ db }: Pick<WorkspaceDeps, 'db'>): Promise<WorkspaceView[]> {
  return (await selectWorkspaces(db)).map(viewWorkspace);
}

/** @throws ServiceError `validation_failed`; `conflict` if the name is taken */
export async function createWorkspace(
  deps: WorkspaceDeps,
  request: RequestOrigin,
  name: string,
): Promise<WorkspaceView> {
  try {
    return await inTransaction(deps.db, async (tx) => {
      const { workspace, event } = await addWorkspace(tx, deps, request, name);
      await append(tx, deps, [event]);
      return viewWorkspace(workspace);
    });
  } catch (error) {
    if (!isUniqueViolation(error, WORKSPACE_NAME)) throw error;
    throw new ServiceError('conflict', { message: 'There is a workspace of this name already.', cause: error });
  }
}

/** A workspace with an owner to be set up, who chooses email and password by the link: the only copy of it. */
export interface StartedWorkspaceView {
  readonly workspace: WorkspaceView;
  readonly owner: FirstOwnerView;
}

/** @throws ServiceError `validation_failed`; `conflict` if the name is taken */
export async function startWorkspace(session: Session, name: string): Promise<StartedWorkspaceView> {
  const workspace = await createWorkspace(session, session.request, name);
  const principal = { kind: 'system', workspaceId: workspace.id, environment: 'live' } as const;
  // A crash before this leaves a workspace without an owner, as those of earlier versions are: `tooken members invite` helps.
  const { member, link } = await inviteFirstOwner(session, { principal, request: session.request });
  return { workspace, owner: viewFirstOwner({ id: member.id, link }) };
}

/** The same inside a transaction that changes more. The event is for the caller to append, last. */
export async function addWorkspace(
  tx: Transaction,
  deps: IdSource,
  request: RequestOrigin | null,
  text: string,
): Promise<{ readonly workspace: Workspace; readonly event: NewEvent }> {
  const parsed = parseName(text);
  if (!parsed.ok) {
    throw new ServiceError('validation_failed', { details: [{ path: 'name', message: parsed.problem }] });
  }
  const { name } = parsed;
  const id = newId('ws', deps);
  const workspace = { id, name, tokenPrefix: DEFAULT_TOKEN_PREFIX, createdAt: deps.clock.now() };
  await insertWorkspace(tx, workspace);
  const event: NewEvent = {
    workspaceId: id,
    environment: null,
    action: 'workspace.created',
    outcome: 'success',
    actor: { type: 'system', id: null, name: null },
    targets: [{ type: 'workspace', id, name }],
    request,
  };
  return { workspace, event };
}

import { append } from '../audit/events/append.ts';
import type { NewEvent, RequestOrigin } from '../audit/events/event.ts';
import { DEFAULT_TOKEN_PREFIX } from '../credentials/format.ts';
import { type Database, inTransaction, type Transaction } from '../db/connection.ts';
import { addFirstOwner } from '../identity/members/first-owner.ts';
import { ServiceError } from '../lib/errors.ts';
import { type IdSource, newId } from '../lib/ids.ts';
import { parseName } from '../lib/names.ts';
import { refusingTakenNames } from '../tokens/workspace-name.ts';
import type { Session } from './session.ts';
import { type FirstOwnerView, viewFirstOwner, viewWorkspace, type WorkspaceView } from './views.ts';
import { insertWorkspace, selectWorkspaces, type Workspace } from './workspace-store.ts';

/** Oldest first. */
export async function listWorkspaces({ db }: { readonly db: Database }): Promise<WorkspaceView[]> {
  return (await selectWorkspaces(db)).map(viewWorkspace);
}

/** A workspace with an owner to be set up, who chooses email and password by the link: the only copy of it. */
export interface StartedWorkspaceView {
  readonly workspace: WorkspaceView;
  readonly owner: FirstOwnerView;
}

/** @throws ServiceError `validation_failed`; `conflict` if the name is taken */
export async function startWorkspace(session: Session, name: string): Promise<StartedWorkspaceView> {
  const { request } = session;
  return refusingTakenNames(
    inTransaction(session.db, async (tx) => {
      const { workspace, event } = await addWorkspace(tx, session, request, name);
      const principal = { kind: 'system', workspaceId: workspace.id, environment: 'live' } as const;
      const owner = await addFirstOwner(tx, session, { principal, request });
      await append(tx, session, [event, owner.event]);
      const { member, link } = owner.invited;
      return { workspace: viewWorkspace(workspace), owner: viewFirstOwner({ id: member.id, link }) };
    }),
  );
}

/**
 * Makes a workspace inside a transaction that changes more. The event is for the caller to append, last.
 *
 * @throws ServiceError `validation_failed`
 */
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

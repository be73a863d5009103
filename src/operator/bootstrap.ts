import { append } from '../audit/events/append.ts';
import type { RequestOrigin } from '../audit/events/event.ts';
import type { Environment } from '../credentials/format.ts';
import { inTransaction } from '../db/connection.ts';
import type { Link } from '../identity/links/link.ts';
import type { LinkDeps } from '../identity/links/links.ts';
import { addFirstOwner } from '../identity/members/first-owner.ts';
import { type ApiKeyDeps, addApiKey } from '../keys/create.ts';
import { ServiceError } from '../lib/errors.ts';
import type { ApiKeyId, MemberId, WorkspaceId } from '../lib/ids.ts';
import type { Session } from './session.ts';
import { type FirstOwnerView, viewFirstOwner } from './views.ts';
import { hasWorkspaces, lockBootstrap } from './workspace-store.ts';
import { addWorkspace } from './workspaces.ts';

/** What a new installation starts with. `secret` is the only copy of the key's value, and so is the link. */
export interface FirstCredentials {
  readonly workspace: { readonly id: WorkspaceId; readonly name: string };
  readonly apiKey: { readonly id: ApiKeyId; readonly name: string; readonly environment: Environment };
  readonly secret: string;
  readonly owner: FirstOwner;
}

/** Chooses email and password by the link. */
export interface FirstOwner {
  readonly id: MemberId;
  readonly link: Link;
}

const WORKSPACE = 'default';
const API_KEY = 'default';

/**
 * Makes the workspace `default` with one live API key and an owner to be set up if the database has no workspace yet. Of several replicas that
 * start together one does it; the others get undefined. A crash after the commit and before the value is shown loses
 * them: another key is made with `tooken keys create`, another link with `tooken members reset`.
 *
 * @param request the command that asked for it; null when the service does it by itself, at its first start
 */
export async function bootstrap(
  deps: Omit<ApiKeyDeps, 'fence'> & LinkDeps,
  request: RequestOrigin | null = null,
): Promise<FirstCredentials | undefined> {
  // Without the lock, so that the many later starts neither wait nor write.
  if (await hasWorkspaces(deps.db)) return undefined;
  return inTransaction(deps.db, async (tx) => {
    await lockBootstrap(tx);
    if (await hasWorkspaces(tx)) return undefined;
    const { workspace, event: workspaceCreated } = await addWorkspace(tx, deps, request, WORKSPACE);
    const principal = { kind: 'system', workspaceId: workspace.id, environment: 'live' } as const;
    const { created, event } = await addApiKey(
      tx,
      deps,
      { principal, request },
      { name: API_KEY, environment: 'live' },
    );
    const owner = await addFirstOwner(tx, deps, { principal, request });
    await append(tx, deps, [workspaceCreated, event, owner.event]);
    const { id, name, environment } = created.apiKey;
    return {
      workspace: { id: workspace.id, name: workspace.name },
      apiKey: { id, name, environment },
      secret: created.secret,
      owner: { id: owner.invited.member.id, link: owner.invited.link },
    };
  });
}

/** What `tooken bootstrap` answers. */
export interface FirstCredentialsView {
  readonly workspace: { readonly id: string; readonly name: string };
  readonly api_key: { readonly id: string; readonly name: string; readonly environment: string };
  /** The only copy. */
  readonly secret: string;
  readonly owner: FirstOwnerView;
}

/** @throws ServiceError `conflict` if there is a workspace already */
export async function bootstrapOnce(session: Session): Promise<FirstCredentialsView> {
  const first = await bootstrap(session, session.request);
  if (first !== undefined) {
    const { workspace, apiKey, secret, owner } = first;
    return { workspace, api_key: apiKey, secret, owner: viewFirstOwner(owner) };
  }
  throw new ServiceError('conflict', {
    message: 'This database has a workspace already. `tooken keys create` makes another API key.',
  });
}

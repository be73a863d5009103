import type { Environment } from '../credentials/format.ts';
import type { Caller } from '../identity/principal.ts';
import { createApiKey } from '../keys/create.ts';
import { deleteApiKey } from '../keys/delete.ts';
import { allApiKeys, getApiKey } from '../keys/list.ts';
import { regenerateApiKey } from '../keys/regenerate.ts';
import { ServiceError } from '../lib/errors.ts';
import { type ApiKeyId, parseId } from '../lib/ids.ts';
import { chooseWorkspace } from './choose-workspace.ts';
import { type Expiry, expiryAt } from './expiry.ts';
import type { Session } from './session.ts';
import { type ApiKeyView, viewApiKey } from './views.ts';
import type { Workspace } from './workspace-store.ts';

/** Id or name of a workspace; absent: the only one. */
interface InWorkspace {
  readonly workspace?: string | undefined;
}

export interface KeyCreation extends InWorkspace, Expiry {
  readonly name: string;
  readonly environment: Environment;
  readonly allowedCidrs?: readonly string[] | undefined;
}

export interface KeyWithSecretView {
  readonly api_key: ApiKeyView;
  /** The only copy. */
  readonly secret: string;
}

export async function createKey(session: Session, creation: KeyCreation): Promise<KeyWithSecretView> {
  const now = session.clock.now();
  const { name, environment, allowedCidrs } = creation;
  const expiresAt = expiryAt(creation, now);
  const caller = callerIn(session, await chooseWorkspace(session, creation.workspace));
  const { apiKey, secret } = await createApiKey(session, caller, { name, environment, expiresAt, allowedCidrs });
  return { api_key: viewApiKey(apiKey, now), secret };
}

/** All keys, newest first. */
export async function listKeys(
  session: Session,
  { workspace, environment }: InWorkspace & { readonly environment?: Environment | undefined },
): Promise<ApiKeyView[]> {
  const { id } = await chooseWorkspace(session, workspace);
  const apiKeys = await allApiKeys(session, id, { environment });
  return apiKeys.map((apiKey) => viewApiKey(apiKey, session.clock.now()));
}

export async function regenerateKey(
  session: Session,
  choice: InWorkspace & { id: string },
): Promise<KeyWithSecretView> {
  const { workspace, id } = await chooseKey(session, choice);
  const { apiKey, secret } = await regenerateApiKey(session, callerIn(session, workspace), id);
  return { api_key: viewApiKey(apiKey, session.clock.now()), secret };
}

export interface DeletedKeyView {
  readonly api_key: ApiKeyView;
  /** Tokens that the key issued and that live on; null if they could not be counted. */
  readonly live_token_count: number | null;
}

/** Nothing is deleted if `confirm` rejects. */
export async function deleteKey(
  session: Session,
  choice: InWorkspace & { readonly id: string; confirm(apiKey: ApiKeyView): Promise<void> },
): Promise<DeletedKeyView> {
  const { workspace, id, view } = await chooseKey(session, choice);
  await choice.confirm(view);
  const { liveTokenCount } = await deleteApiKey(session, callerIn(session, workspace), id);
  return { api_key: view, live_token_count: liveTokenCount };
}

interface ChosenKey {
  readonly workspace: Workspace;
  readonly id: ApiKeyId;
  readonly view: ApiKeyView;
}

async function chooseKey(session: Session, choice: InWorkspace & { readonly id: string }): Promise<ChosenKey> {
  const id = parseId('key', choice.id);
  if (id === undefined) {
    // Not quoted: somebody may have pasted the key itself.
    throw new ServiceError('invalid_request', {
      message: 'An API key is named by its id, key_…; see `tooken keys list`.',
    });
  }
  const workspace = await chooseWorkspace(session, choice.workspace);
  try {
    const apiKey = await getApiKey(session, workspace.id, id);
    return { workspace, id, view: viewApiKey(apiKey, session.clock.now()) };
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== 'not_found') throw error;
    throw new ServiceError('not_found', { message: `The workspace "${workspace.name}" has no API key ${id}.` });
  }
}

function callerIn({ request }: Session, { id }: Workspace): Caller {
  return { principal: { kind: 'system', workspaceId: id, environment: 'live' }, request };
}

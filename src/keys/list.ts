import type { Environment } from '../credentials/format.ts';
import type { Database } from '../db/connection.ts';
import type { CursorCodec } from '../lib/cursor.ts';
import { ServiceError } from '../lib/errors.ts';
import type { ApiKeyId, WorkspaceId } from '../lib/ids.ts';
import { type Page, type PageInput, readNewestFirst } from '../lib/page.ts';
import type { ApiKey } from './api-key.ts';
import { selectApiKey, selectApiKeys } from './store.ts';

interface Reading {
  readonly db: Database;
}

/** Absent: of both environments. */
interface ApiKeyFilter {
  readonly environment?: Environment | undefined;
}

/** A page of the keys of a workspace, newest first. */
export async function listApiKeys(
  { db, cursors }: Reading & { readonly cursors: CursorCodec },
  workspaceId: WorkspaceId,
  { environment, ...page }: PageInput & ApiKeyFilter,
): Promise<Page<ApiKey>> {
  const binding = JSON.stringify(['api_keys', workspaceId, environment ?? null]);
  return readNewestFirst(cursors, binding, page, (part) => selectApiKeys(db, workspaceId, { environment, ...part }));
}

/** All of them, newest first. */
export async function allApiKeys(
  { db }: Reading,
  workspaceId: WorkspaceId,
  { environment }: ApiKeyFilter,
): Promise<ApiKey[]> {
  return selectApiKeys(db, workspaceId, { environment });
}

/** @throws ServiceError `not_found`, also for a key of another workspace */
export async function getApiKey({ db }: Reading, workspaceId: WorkspaceId, id: ApiKeyId): Promise<ApiKey> {
  const apiKey = await selectApiKey(db, workspaceId, id);
  if (apiKey === undefined) throw new ServiceError('not_found');
  return apiKey;
}

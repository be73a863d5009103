import type { Environment } from '../credentials/format.ts';
import type { Database } from '../db/connection.ts';
import type { CursorCodec } from '../lib/cursor.ts';
import { ServiceError } from '../lib/errors.ts';
import { type ApiKeyId, idFromUuid, type WorkspaceId } from '../lib/ids.ts';
import { type Page, type PageInput, readNewestFirst } from '../lib/page.ts';
import type { ApiKey } from './api-key.ts';
import { type ApiKeyPosition, selectApiKey, selectApiKeys } from './store.ts';

export interface ApiKeyQuery {
  /** Absent: of both. */
  readonly environment?: Environment | undefined;
  /** `next` of the page before. */
  readonly after?: ApiKeyPosition | undefined;
  readonly limit: number;
}

export interface ApiKeyPage {
  /** Newest first. */
  readonly apiKeys: readonly ApiKey[];
  /** Where the next page starts; null after the last. */
  readonly next: ApiKeyPosition | null;
}

interface Reading {
  readonly db: Database;
}

export async function listApiKeys({ db }: Reading, workspaceId: WorkspaceId, query: ApiKeyQuery): Promise<ApiKeyPage> {
  const { limit } = query;
  // One more than asked for tells whether there is another page.
  const found = await selectApiKeys(db, workspaceId, { ...query, limit: limit + 1 });
  const apiKeys = found.slice(0, limit);
  const last = apiKeys.at(-1);
  const next = found.length > limit && last !== undefined ? { createdAt: last.createdAt, id: last.id } : null;
  return { apiKeys, next };
}

/** The same for those who get a cursor for the place where the next page starts. */
export async function listApiKeysByCursor(
  { db, cursors }: Reading & { readonly cursors: CursorCodec },
  workspaceId: WorkspaceId,
  { environment, ...page }: PageInput & Pick<ApiKeyQuery, 'environment'>,
): Promise<Page<ApiKey>> {
  const binding = JSON.stringify(['api_keys', workspaceId, environment ?? null]);
  return readNewestFirst(cursors, binding, page, ({ limit, position }) => {
    const after = position && { createdAt: position.createdAt, id: idFromUuid('key', position.uuid) };
    return selectApiKeys(db, workspaceId, { environment, after, limit });
  });
}

/** @throws ServiceError `not_found`, also for a key of another workspace */
export async function getApiKey({ db }: Reading, workspaceId: WorkspaceId, id: ApiKeyId): Promise<ApiKey> {
  const apiKey = await selectApiKey(db, workspaceId, id);
  if (apiKey === undefined) throw new ServiceError('not_found');
  return apiKey;
}

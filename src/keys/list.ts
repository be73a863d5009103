import type { Environment } from '../credentials/format.ts';
import type { Database } from '../db/connection.ts';
import type { CursorCodec } from '../lib/cursor.ts';
import { ServiceError } from '../lib/errors.ts';
import { type ApiKeyId, idFromUuid, idToUuid, type WorkspaceId } from '../lib/ids.ts';
import { BAD_CURSOR_MESSAGE, type Page } from '../lib/page.ts';
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

/**
 * The same for those who get a cursor for the place where the next page starts.
 *
 * @throws ServiceError `invalid_request` for a cursor of another list
 */
export async function listApiKeysByCursor(
  deps: Reading & { readonly cursors: CursorCodec },
  workspaceId: WorkspaceId,
  { cursor, ...query }: Omit<ApiKeyQuery, 'after'> & { readonly cursor?: string | undefined },
): Promise<Page<ApiKey>> {
  const binding = JSON.stringify(['api_keys', workspaceId, query.environment ?? null]);
  const after = cursor === undefined ? undefined : decodePosition(deps.cursors, binding, cursor);
  const { apiKeys: items, next } = await listApiKeys(deps, workspaceId, { ...query, after });
  const nextCursor = next && deps.cursors.encode(binding, [next.createdAt.getTime(), idToUuid(next.id)]);
  return { items, nextCursor };
}

function decodePosition(cursors: CursorCodec, binding: string, cursor: string): ApiKeyPosition {
  const position = cursors.decode(binding, cursor);
  const [createdAt, uuid] = Array.isArray(position) ? position : [];
  if (typeof createdAt === 'number' && typeof uuid === 'string') {
    return { createdAt: new Date(createdAt), id: idFromUuid('key', uuid) };
  }
  throw new ServiceError('invalid_request', { message: BAD_CURSOR_MESSAGE });
}

/** @throws ServiceError `not_found`, also for a key of another workspace */
export async function getApiKey({ db }: Reading, workspaceId: WorkspaceId, id: ApiKeyId): Promise<ApiKey> {
  const apiKey = await selectApiKey(db, workspaceId, id);
  if (apiKey === undefined) throw new ServiceError('not_found');
  return apiKey;
}

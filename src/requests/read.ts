import { type Database, inTransaction } from '../db/connection.ts';
import type { Caller } from '../identity/principal.ts';
import type { CursorCodec } from '../lib/cursor.ts';
import { ServiceError } from '../lib/errors.ts';
import { idToUuid } from '../lib/ids.ts';
import { BAD_CURSOR_MESSAGE, type Page } from '../lib/page.ts';
import { type LoggedRequest, type LogPosition, type RequestFilters, selectRequests } from './read-store.ts';
import type { RequestLog } from './request-log.ts';

export interface RequestsInput extends RequestFilters {
  /** 1 to 200. */
  readonly limit: number;
  readonly cursor?: string;
}

export interface RequestsDeps {
  readonly db: Database;
  readonly cursors: CursorCodec;
  readonly requestLog: Pick<RequestLog, 'flush'>;
}

/**
 * A page of the management calls that API keys and tokens have made in the caller's workspace and environment, newest first.
 * What this process has answered before is in it. Throws `invalid_request` for a cursor of another list, realm or set of
 * filters, and `validation_failed` for times that are the wrong way round.
 */
export async function listRequests(
  { db, cursors, requestLog }: RequestsDeps,
  { principal }: Caller,
  { limit, cursor, ...filters }: RequestsInput,
): Promise<Page<LoggedRequest>> {
  const { since, until } = filters;
  if (since !== undefined && until !== undefined && until < since) {
    throw new ServiceError('validation_failed', { details: [{ path: 'until', message: 'must not be before since' }] });
  }
  const binding = JSON.stringify(['requests', principal.workspaceId, principal.environment, sorted(filters)]);
  const position = cursor === undefined ? undefined : decodePosition(cursors, binding, cursor);
  await requestLog.flush();
  // One more than asked for tells whether there is a next page.
  const page = { limit: limit + 1, position };
  const found = await inTransaction(db, (tx) => selectRequests(tx, principal, filters, page));
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { items, nextCursor: hasMore ? cursors.encode(binding, [last.at.getTime(), idToUuid(last.id)]) : null };
}

function decodePosition(cursors: CursorCodec, binding: string, cursor: string): LogPosition {
  const position = cursors.decode(binding, cursor);
  const [at, uuid] = Array.isArray(position) ? position : [];
  if (typeof at === 'number' && typeof uuid === 'string') return { at: new Date(at), uuid };
  throw new ServiceError('invalid_request', { message: BAD_CURSOR_MESSAGE });
}

/** The same filters in the same order, however they were put together. */
function sorted(filters: RequestFilters): [string, unknown][] {
  return Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1));
}

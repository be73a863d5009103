import { type Database, inTransaction } from '../db/connection.ts';
import type { Caller } from '../identity/principal.ts';
import type { CursorCodec } from '../lib/cursor.ts';
import { ServiceError } from '../lib/errors.ts';
import { type Page, readNewestFirst, sortedFilters } from '../lib/page.ts';
import { type LoggedRequest, type RequestFilters, selectRequests } from './read-store.ts';
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
  const binding = JSON.stringify(['requests', principal.workspaceId, principal.environment, sortedFilters(filters)]);
  return readNewestFirst(cursors, binding, { limit, cursor }, async (page) => {
    await requestLog.flush();
    return inTransaction(db, (tx) => selectRequests(tx, principal, filters, page));
  });
}

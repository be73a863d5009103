import type { Database } from '../db/connection.ts';
import type { Caller } from '../identity/principal.ts';
import type { Clock } from '../lib/clock.ts';
import type { CursorCodec } from '../lib/cursor.ts';
import { ServiceError } from '../lib/errors.ts';
import { idToUuid, type TokenId } from '../lib/ids.ts';
import { BAD_CURSOR_MESSAGE, type Page } from '../lib/page.ts';
import { type ListPosition, selectTokenPage, type TokenFilters } from './store/list.ts';
import { selectToken } from './store/tokens.ts';
import type { Token, TokenStatus } from './token.ts';

export interface ListInput {
  readonly name?: string;
  readonly statuses?: readonly TokenStatus[];
  /** Tokens that can do this: a `read` is also found in tokens that were granted the `write` only. */
  readonly scope?: string;
  readonly createdBy?: string;
  readonly expiresBefore?: Date;
  readonly unusedSince?: Date;
  readonly limit: number;
  readonly cursor?: string;
}

/** The token, or `not_found` if the caller's workspace and environment have none of that id. */
export async function getToken({ db }: { readonly db: Database }, caller: Caller, id: TokenId): Promise<Token> {
  const token = await selectToken(db, caller.principal, id);
  if (token === undefined) throw new ServiceError('not_found');
  return token;
}

/** A page of the tokens of the caller's workspace and environment, newest first. */
export async function listTokens(
  deps: { readonly db: Database; readonly clock: Clock; readonly cursors: CursorCodec },
  { principal }: Caller,
  input: ListInput,
): Promise<Page<Token>> {
  const { limit, cursor, scope, ...rest } = input;
  const filters: TokenFilters = { ...rest, ...(scope !== undefined && { anyOfScopes: scopesGranting(scope) }) };
  const binding = JSON.stringify(['tokens', principal.workspaceId, principal.environment, sorted(filters)]);
  const position = cursor === undefined ? undefined : decodePosition(deps.cursors, binding, cursor);
  const now = deps.clock.now();
  // One more than asked for tells whether there is a next page.
  const tokens = await selectTokenPage(deps.db, principal, filters, { limit: limit + 1, position, now });
  const items = tokens.slice(0, limit);
  const last = items.at(-1);
  const hasMore = tokens.length > limit && last !== undefined;
  const nextCursor = hasMore ? deps.cursors.encode(binding, [last.createdAt.getTime(), idToUuid(last.id)]) : null;
  return { items, nextCursor };
}

function decodePosition(cursors: CursorCodec, binding: string, cursor: string): ListPosition {
  const position = cursors.decode(binding, cursor);
  const [createdAt, uuid] = Array.isArray(position) ? position : [];
  if (typeof createdAt === 'number' && typeof uuid === 'string') return { createdAt: new Date(createdAt), uuid };
  throw new ServiceError('invalid_request', { message: BAD_CURSOR_MESSAGE });
}

function scopesGranting(scope: string): string[] {
  return scope.endsWith(':read') ? [scope, `${scope.slice(0, -':read'.length)}:write`] : [scope];
}

/** The same filters in the same order, however they were put together. */
function sorted(filters: TokenFilters): [string, unknown][] {
  return Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1));
}

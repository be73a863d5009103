import type { CursorCodec } from './cursor.ts';
import { ServiceError } from './errors.ts';
import { type Id, type IdPrefix, idToUuid } from './ids.ts';

/** A part of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next part starts; null at the end. */
  readonly nextCursor: string | null;
}

/** Which part of a list is asked for. */
export interface PageInput {
  readonly limit: number;
  /** `nextCursor` of the part before. */
  readonly cursor?: string | undefined;
}

/** Filters for the binding of a cursor: the same ones in the same order, however they were put together. */
export function sortedFilters(filters: object): [string, unknown][] {
  return Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The place of something in a list that is newest first. */
export interface ListPosition {
  readonly createdAt: Date;
  readonly uuid: string;
}

export const BAD_CURSOR_MESSAGE = 'The cursor is not from this list with these filters. Start again without it.';

/**
 * A page of a list that is newest first, of which `read` gives up to `limit` items after `position`. `binding` says in one
 * canonical text which list it is, whose, and how it is filtered: cursors are good for that alone.
 *
 * @throws ServiceError `invalid_request` for any other cursor
 */
export async function readNewestFirst<Item extends { readonly id: Id<IdPrefix>; readonly createdAt: Date }>(
  cursors: CursorCodec,
  binding: string,
  { limit, cursor }: PageInput,
  read: (page: { readonly limit: number; readonly position: ListPosition | undefined }) => Promise<readonly Item[]>,
): Promise<Page<Item>> {
  const position = cursor === undefined ? undefined : decodePosition(cursors, binding, cursor);
  // One more than asked for tells whether there is a next page.
  const found = await read({ limit: limit + 1, position });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { items, nextCursor: hasMore ? cursors.encode(binding, [last.createdAt.getTime(), idToUuid(last.id)]) : null };
}

function decodePosition(cursors: CursorCodec, binding: string, cursor: string): ListPosition {
  const position = cursors.decode(binding, cursor);
  const [createdAt, uuid] = Array.isArray(position) ? position : [];
  if (typeof createdAt === 'number' && typeof uuid === 'string') return { createdAt: new Date(createdAt), uuid };
  throw new ServiceError('invalid_request', { message: BAD_CURSOR_MESSAGE });
}

import type { Database } from '../../db/connection.ts';
import type { Caller } from '../../identity/principal.ts';
import type { CursorCodec } from '../../lib/cursor.ts';
import { ServiceError } from '../../lib/errors.ts';
import { BAD_CURSOR_MESSAGE, type Page, sortedFilters } from '../../lib/page.ts';
import { realmBinding, realmOf } from '../../tokens/realm.ts';
import type { Bucket } from './buckets.ts';
import { selectUsage, type UsageFilters, type UsagePosition, type UsageRecord } from './read-store.ts';

export interface UsageInput extends UsageFilters {
  readonly bucket: Bucket;
  /** 1 to 200. */
  readonly limit: number;
  readonly cursor?: string;
}

/**
 * A page of how the tokens that the caller sees were used, newest bucket first. Throws
 * `invalid_request` for a cursor of another list, realm, bucket or set of filters.
 */
export async function listUsage(
  { db, cursors }: { readonly db: Database; readonly cursors: CursorCodec },
  { principal }: Caller,
  { bucket, limit, cursor, ...filters }: UsageInput,
): Promise<Page<UsageRecord>> {
  const realm = realmOf(principal);
  const binding = JSON.stringify(['usage', ...realmBinding(realm), bucket, sortedFilters(filters)]);
  const position = cursor === undefined ? undefined : decodePosition(cursors, binding, cursor);
  // One more than asked for tells whether there is a next page.
  const found = await selectUsage(db, realm, filters, { bucket, limit: limit + 1, position });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { items, nextCursor: hasMore ? cursors.encode(binding, [last.startsAt.getTime(), last.number]) : null };
}

function decodePosition(cursors: CursorCodec, binding: string, cursor: string): UsagePosition {
  const position = cursors.decode(binding, cursor);
  const [startsAt, number] = Array.isArray(position) ? position : [];
  if (typeof startsAt === 'number' && typeof number === 'string') return { startsAt: new Date(startsAt), number };
  throw new ServiceError('invalid_request', { message: BAD_CURSOR_MESSAGE });
}

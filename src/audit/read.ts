import type { Database } from '../db/connection.ts';
import type { CursorCodec } from '../lib/cursor.ts';
import { ServiceError } from '../lib/errors.ts';
import { type EventId, idToUuid } from '../lib/ids.ts';
import { logIdOf } from './append.ts';
import { drainForRead } from './drain.ts';
import type { AuditEvent } from './event.ts';
import {
  type AuditFilters,
  type AuditOrder,
  type AuditViewer,
  cursorBinding,
  facetsOf,
  withinCalendar,
} from './filters.ts';
import {
  type LeafRow,
  type LeafSelection,
  type PrivateRow,
  selectLeafOf,
  selectLeaves,
  selectPrivateParts,
} from './read-store.ts';
import { readableEvent } from './readable.ts';
import { leafRangeOf } from './time-range-store.ts';

export interface PageRequest {
  readonly order: AuditOrder;
  /** 1 to 200. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface EventPage {
  readonly events: readonly AuditEvent[];
  /**
   * Where the next page starts. Newest first: null at the end. Oldest first: never null, since the log goes on; asking
   * again with the last cursor follows it without a gap, a duplicate or a change of order.
   */
  readonly nextCursor: string | null;
}

/**
 * One page of a log, as `viewer` may see it. Sees every event whose change was answered before the call. Throws
 * `invalid_request` for a cursor of another list, viewer, order or set of filters.
 */
export async function queryEvents(
  { db, cursors }: { readonly db: Database; readonly cursors: CursorCodec },
  viewer: AuditViewer,
  filters: AuditFilters,
  { order, limit, cursor }: PageRequest,
): Promise<EventPage> {
  const binding = cursorBinding(viewer, filters, order);
  const position = cursor === undefined ? undefined : positionIn(cursors.decode(binding, cursor));
  const log = logOf(viewer);
  // All leaves below this size are visible to the statements that follow.
  const size = await drainForRead(db, log.logId);
  const since = withinCalendar(filters.since);
  const until = withinCalendar(filters.until);
  const range = await leafRangeOf(db, log.logId, since, until);
  const selection: LeafSelection = {
    ...log,
    facets: facetsOf(filters),
    since,
    until,
    after: order === 'asc' ? Math.max(range.after, position ?? -1) : range.after,
    before: order === 'desc' ? Math.min(range.before, position ?? range.before) : range.before,
  };
  const found = await selectLeaves(db, selection, order, limit + 1);
  const rows = found.slice(0, limit);
  const lastIndex = rows.at(-1)?.leafIndex ?? -1;
  const next =
    found.length > limit ? lastIndex : order === 'asc' ? Math.max(lastIndex, size - 1, position ?? -1) : undefined;
  return { events: await readable(db, rows), nextCursor: next === undefined ? null : cursors.encode(binding, next) };
}

/** The event, or undefined if it does not exist or the viewer may not see it. */
export async function getEvent(db: Database, viewer: AuditViewer, id: EventId): Promise<AuditEvent | undefined> {
  const log = logOf(viewer);
  await drainForRead(db, log.logId);
  const row = await selectLeafOf(db, log, idToUuid(id));
  if (row === undefined) return undefined;
  const [event] = await readable(db, [row]);
  return event;
}

function logOf({ workspaceId, environment }: AuditViewer): Pick<LeafSelection, 'logId' | 'environment'> {
  return { logId: logIdOf(workspaceId), environment: workspaceId === null ? 'live' : environment };
}

function positionIn(decoded: unknown): number {
  if (typeof decoded === 'number') return decoded;
  throw new ServiceError('invalid_request', {
    message: 'The cursor does not belong to this query. Send it with the same filters and order, or start without it.',
  });
}

async function readable(db: Database, rows: readonly LeafRow[]): Promise<AuditEvent[]> {
  if (rows.length === 0) return [];
  const partsOf = new Map<string, PrivateRow[]>(rows.map(({ eventId }) => [eventId, []]));
  for (const part of await selectPrivateParts(db, [...partsOf.keys()])) partsOf.get(part.event_id)?.push(part);
  return rows.map(({ leaf, leafIndex, eventId }) => readableEvent(leaf, leafIndex, partsOf.get(eventId) ?? []));
}

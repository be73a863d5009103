import type { Database } from '../../db/connection.ts';
import type { CursorCodec } from '../../lib/cursor.ts';
import { ServiceError } from '../../lib/errors.ts';
import { type EventId, idToUuid } from '../../lib/ids.ts';
import { logIdOf } from '../events/append.ts';
import type { AuditEvent } from '../events/event.ts';
import { readableEvent } from '../events/readable.ts';
import { drainForRead } from '../sequencer/drain.ts';
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

/** How many leaves the log has: all whose events were answered before the call. */
export function sizeForRead(db: Database, { workspaceId }: Pick<AuditReader, 'workspaceId'>): Promise<number> {
  return drainForRead(db, logIdOf(workspaceId));
}

export interface Stretch {
  /** The leaf index after which to begin. */
  readonly after: number;
  /** A size that the log is known to have reached. */
  readonly size: number;
  /** 1 to 200. */
  readonly limit: number;
}

/** For operators: whatever the environment. */
export type AuditReader =
  | AuditViewer
  | { readonly workspaceId: AuditViewer['workspaceId']; readonly environment: null };

/**
 * The next events of a log, oldest first, and how far that is: up to `position` there are no others that are wanted. It
 * looks at a bounded stretch, so it may find nothing before it has reached `size`; then go on from `position`.
 */
export async function readOnward(
  db: Database,
  reader: AuditReader,
  filters: AuditFilters,
  { after, size, limit }: Stretch,
): Promise<{ events: readonly AuditEvent[]; position: number }> {
  const [since, until] = [withinCalendar(filters.since), withinCalendar(filters.until)];
  // Far behind, a time range is worth looking up; close to the end it would cost more than it spares.
  const isFarBehind = size - after > STRETCH;
  const range = isFarBehind ? await leafRangeOf(db, logIdOf(reader.workspaceId), since, until) : undefined;
  const start = Math.min(Math.max(after, range?.after ?? -1), size - 1);
  const before = Math.min(size, start + 1 + STRETCH);
  const selection = { facets: facetsOf(filters), since, until, after: start, before };
  const rows = await selectFor(db, reader, selection, 'asc', limit);
  const isFull = rows.length === limit;
  const position = isFull ? (rows.at(-1)?.leafIndex ?? start) : before - 1;
  return { events: await readable(db, rows), position };
}

/** The last events before the log had `size` leaves, oldest first. */
export async function readLast(
  db: Database,
  reader: AuditReader,
  filters: AuditFilters,
  { size, limit }: Omit<Stretch, 'after'>,
): Promise<readonly AuditEvent[]> {
  const [since, until] = [withinCalendar(filters.since), withinCalendar(filters.until)];
  const { after, before } = await leafRangeOf(db, logIdOf(reader.workspaceId), since, until);
  const selection = { facets: facetsOf(filters), since, until, after, before: Math.min(before, size) };
  const rows = await selectFor(db, reader, selection, 'desc', limit);
  return await readable(db, rows.reverse());
}

async function selectFor(
  db: Database,
  { workspaceId, environment }: AuditReader,
  selection: Omit<LeafSelection, 'logId' | 'environment'>,
  order: AuditOrder,
  limit: number,
): Promise<LeafRow[]> {
  const isAll = environment === null && workspaceId !== null;
  const environments = isAll ? (['live', 'test'] as const) : [environment ?? 'live'];
  const found = await Promise.all(
    environments.map((one) =>
      selectLeaves(db, { ...logOf({ workspaceId, environment: one }), ...selection }, order, limit),
    ),
  );
  const sign = order === 'asc' ? 1 : -1;
  const rows = found.flat().sort((a, b) => sign * (a.leafIndex - b.leafIndex));
  return rows.slice(0, limit);
}

/** So many leaves are looked at in one statement, however few of them are wanted. */
const STRETCH = 20_000;

/** The event, or undefined if it does not exist or the viewer may not see it. */
export async function getEvent(db: Database, viewer: AuditViewer, id: EventId): Promise<AuditEvent | undefined> {
  const log = logOf(viewer);
  await drainForRead(db, log.logId);
  const row = await selectLeafOf(db, log, idToUuid(id));
  if (row === undefined) return undefined;
  const [event] = await readable(db, [row]);
  return event;
}

/** The log that the viewer reads, and what of it. */
export function logOf({ workspaceId, environment }: AuditViewer): Pick<LeafSelection, 'logId' | 'environment'> {
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

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { append, logIdOf } from '../../src/audit/events/append.ts';
import type { NewEvent } from '../../src/audit/events/event.ts';
import type { AuditFilters, AuditViewer } from '../../src/audit/queries/filters.ts';
import { type EventPage, type PageRequest, queryEvents } from '../../src/audit/queries/read.ts';
import { type ConnectionTarget, connect, type Database, inTransaction, openPool } from '../../src/db/connection.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createCursorCodec } from '../../src/lib/cursor.ts';
import { type ApiKeyId, type EventId, newId, type TokenId, type WorkspaceId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';

export const deps = { clock: systemClock, random: systemRandom };
export const cursors = createCursorCodec(Buffer.alloc(32, 7));

export const newWorkspaceId = (): WorkspaceId => newId('ws', deps);
export const newKeyId = (): ApiKeyId => newId('key', deps);
export const newTokenId = (): TokenId => newId('tkn', deps);

/** A pool that is closed when the file ends. */
export function openTestPool(target: ConnectionTarget, maxConnections = 4): Database {
  const { db, close } = openPool(target, { maxConnections, applicationName: 'tooken-test' });
  afterAll(close);
  return db;
}

/** A client of its own, closed when the file ends. */
export function openTestClient(target: ConnectionTarget) {
  const sql = connect(target, { max: 1 });
  afterAll(() => sql.end());
  return sql;
}

/** A plain event of `workspaceId`; everything may be replaced. */
export function newEvent(workspaceId: WorkspaceId | null, parts: Partial<NewEvent> = {}): NewEvent {
  return {
    workspaceId,
    environment: 'live',
    action: 'token.created',
    outcome: 'success',
    actor: { type: 'api_key', id: newKeyId(), name: 'CI' },
    targets: [{ type: 'token', id: newTokenId(), name: 'deploy' }],
    request: { id: 'req-1', method: 'POST', route: '/v1/tokens', ip: '192.0.2.1', userAgent: 'curl/8.5.0' },
    ...parts,
  };
}

export function appendAll(db: Database, ...events: NewEvent[]): Promise<EventId[]> {
  return inTransaction(db, (tx) => append(tx, deps, events));
}

/** As if it were `now`. */
export function appendAt(db: Database, now: Date, event: NewEvent): Promise<EventId[]> {
  const clock = { ...systemClock, now: () => now };
  return inTransaction(db, (tx) => append(tx, { ...deps, clock }, [event]));
}

export function query(
  db: Database,
  viewer: AuditViewer,
  filters: AuditFilters = {},
  page: Partial<PageRequest> = {},
): Promise<EventPage> {
  return queryEvents({ db, cursors }, viewer, filters, { order: 'desc', limit: 200, ...page });
}

export interface StoredLeaf {
  readonly leafIndex: number;
  readonly eventId: string;
  readonly reason: string;
}

/** The log of a workspace as it lies in the tables, in leaf order. */
export async function storedLeaves(db: Database, workspaceId: WorkspaceId): Promise<StoredLeaf[]> {
  const rows = await db.$client<{ leaf_index: string; event_id: string; reason: string }[]>`
    select leaf_index, event_id, convert_from(leaf, 'UTF8')::jsonb ->> 'reason' as reason
    from audit_leaves join audit_events on audit_events.id = event_id
    where audit_leaves.log_id = ${logIdOf(workspaceId)} order by leaf_index`;
  return rows.map((row) => ({ leafIndex: Number(row.leaf_index), eventId: row.event_id, reason: row.reason }));
}

export async function pendingCount(db: Database): Promise<number> {
  const [row] = await db.$client<{ count: number }[]>`select count(*)::int as count from audit_pending`;
  return row?.count ?? 0;
}

export async function headSize(db: Database, workspaceId: WorkspaceId): Promise<number> {
  const [row] = await db.$client<{ size: number }[]>`
    select size::int as size from audit_logs where id = ${logIdOf(workspaceId)}`;
  return row?.size ?? 0;
}

/** Waits until `condition` holds; the test's own timeout ends a wait in vain. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await sleep(5);
}

export const range = (size: number): number[] => Array.from({ length: size }, (_, n) => n);

/** Something one part of a test waits for until another opens it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

import type { Database, Transaction } from '../../db/connection.ts';
import { type EventId, type IdSource, idToUuid, newId, type WorkspaceId } from '../../lib/ids.ts';
import type { NewEvent } from './event.ts';
import { sealEvent } from './leaf.ts';
import { type EventRow, insertEvents } from './store.ts';

/** The log of what belongs to no workspace: refused credentials of nobody, the installation itself. */
export const INSTALLATION_LOG = '00000000-0000-0000-0000-000000000000';

/**
 * Writes `events` in the transaction of the change they tell of, in one statement: they exist if and only if it commits,
 * and if they cannot be written, the change fails.
 *
 * Call it last in the transaction, after its last row lock. The sequencer orders events by a number drawn here, so two
 * changes of one row, of which the second waits for the first's lock, get their numbers in the order of their commits;
 * drawn before the lock, the numbers could be the other way round.
 *
 * Returns the ids of the events, in their order.
 */
export async function append(tx: Transaction, deps: IdSource, events: readonly NewEvent[]): Promise<EventId[]> {
  const rows = events.map((event) => rowOf(event, deps));
  if (rows.length > 0) await insertEvents(tx, rows);
  return rows.map(({ id }) => id);
}

/** The same for one event whose id was made before, since what it tells of refers to it. */
export async function appendAs(tx: Transaction, deps: IdSource, id: EventId, event: NewEvent): Promise<void> {
  await insertEvents(tx, [rowOf(event, deps, id)]);
}

/**
 * The same for events that tell of no change in the database: by themselves, as one statement, which is a transaction of its
 * own and reaches the disk before this resolves. If it rejects, they may be in the log or not.
 */
export async function appendAlone(db: Database, deps: IdSource, events: readonly NewEvent[]): Promise<void> {
  // Commit point. A crash before it leaves nothing; after it the events wait for their place like any others.
  await insertEvents(
    db,
    events.map((event) => rowOf(event, deps)),
  );
}

export function logIdOf(workspaceId: WorkspaceId | null): string {
  return workspaceId === null ? INSTALLATION_LOG : idToUuid(workspaceId);
}

function rowOf(event: NewEvent, deps: IdSource, id = newId('evt', deps)): EventRow & { readonly id: EventId } {
  const occurredAt = deps.clock.now();
  const sealed = sealEvent(event, id, occurredAt, deps.random);
  const records = event.introspections?.records ?? null;
  return { id, uuid: idToUuid(id), logId: logIdOf(event.workspaceId), occurredAt, records, ...sealed };
}

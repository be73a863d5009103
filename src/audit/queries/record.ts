import type { Database } from '../../db/connection.ts';
import { type EventId, idToUuid } from '../../lib/ids.ts';
import type { AuditEvent } from '../events/event.ts';
import { readableEvent } from '../events/readable.ts';
import { drainForRead } from '../sequencer/drain.ts';
import type { AuditViewer } from './filters.ts';
import { logOf } from './read.ts';
import { selectLeafOf, selectPrivateParts } from './read-store.ts';

/** An event, with the two of which it is put together for readers. */
export interface EventRecord {
  readonly event: AuditEvent;
  /** The exact text that the log commits to: RFC 8785 canonical JSON. */
  readonly leaf: string;
  /** By slot, what the leaf's commitments open to, as far as it has not been erased. The salts are in base64. */
  readonly openings: { readonly [slot: string]: { readonly salt: string; readonly payload: string } };
}

/** The record of an event; undefined if it does not exist or the viewer may not see it. */
export async function getEventRecord(db: Database, viewer: AuditViewer, id: EventId): Promise<EventRecord | undefined> {
  const log = logOf(viewer);
  await drainForRead(db, log.logId);
  const uuid = idToUuid(id);
  const row = await selectLeafOf(db, log, uuid);
  if (row === undefined) return undefined;
  const parts = await selectPrivateParts(db, [uuid]);
  return {
    event: readableEvent(row.leaf, row.leafIndex, parts),
    leaf: row.leaf.toString('utf8'),
    openings: Object.fromEntries(
      parts.map(({ slot, salt, payload }) => [
        slot,
        { salt: salt.toString('base64'), payload: payload.toString('utf8') },
      ]),
    ),
  };
}

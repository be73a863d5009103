import type { Database } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import { logIdOf } from '../events/append.ts';
import type { AuditEvent } from '../events/event.ts';
import type { AuditFilters } from './filters.ts';
import type { LogWatch } from './follow-watch.ts';
import { type AuditReader, readOnward, sizeForRead } from './read.ts';

/** Where a log is followed from, and what of it. */
export interface FollowOptions {
  readonly reader: AuditReader;
  readonly filters: AuditFilters;
  /** The leaf index of the last event that is known; -1 for none. Undefined: what has been answered by now is known. */
  readonly after: number | undefined;
}

/** A place in a log from which it is read on, without a gap, a duplicate or a change of order. */
export interface Follower {
  /** All events up to this leaf index have been handed out, or are none that are wanted. */
  readonly position: number;
  /**
   * The next events, at most 100. Waits for the first, but no longer than `waitMs` or until `signal`: then there are none.
   * There may also be none because those that came are not wanted. When it rejects, the position is where it was.
   */
  next(waitMs: number, signal: AbortSignal): Promise<readonly AuditEvent[]>;
}

const BATCH_SIZE = 100;

/** @throws ServiceError `conflict` if the log does not reach as far as `after`: that is not a position of this log */
export async function followLog(
  { db, watch }: { readonly db: Database; readonly watch: LogWatch },
  { reader, filters, after }: FollowOptions,
): Promise<Follower> {
  const logId = logIdOf(reader.workspaceId);
  let known = await sizeForRead(db, reader);
  let position = after ?? known - 1;
  if (position >= known) throw beyondEnd(position);
  return {
    get position() {
      return position;
    },
    async next(waitMs, signal) {
      if (position + 1 >= known) known = await watch.beyond(logId, known, waitMs, signal);
      if (position + 1 >= known) return [];
      const read = await readOnward(db, reader, filters, { after: position, size: known, limit: BATCH_SIZE });
      position = read.position;
      return read.events;
    },
  };
}

/** To wait for the log to get there would leave out what it gets until then. */
function beyondEnd(position: number): ServiceError {
  const message = `The log does not reach as far as ${position}: this position is not from this log, or the log was restored from a backup. Begin with after=-1, or without a position.`;
  return new ServiceError('conflict', { message });
}

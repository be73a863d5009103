import type { Database } from '../db/connection.ts';
import type { AuditEvent } from './event.ts';
import type { AuditFilters, AuditViewer } from './filters.ts';
import type { LogWatch } from './follow-watch.ts';
import { logOf, readOnward, sizeForRead } from './read.ts';

/** Where a log is followed from, and what of it. */
export interface FollowOptions {
  readonly viewer: AuditViewer;
  readonly filters: AuditFilters;
  /** The leaf index of the last event that is known; -1 for none. Undefined: whatever has been answered by now. */
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

/** Resolves with undefined if the log does not reach as far as `after`: it is not the log that position comes from. */
export async function followLog(
  { db, watch }: { readonly db: Database; readonly watch: LogWatch },
  { viewer, filters, after }: FollowOptions,
): Promise<Follower | undefined> {
  const { logId } = logOf(viewer);
  let known = await sizeForRead(db, viewer);
  let position = after ?? known - 1;
  if (position >= known) return undefined;
  return {
    get position() {
      return position;
    },
    async next(waitMs, signal) {
      if (position + 1 >= known) known = await watch.beyond(logId, known, waitMs, signal);
      if (position + 1 >= known) return [];
      const read = await readOnward(db, viewer, filters, { after: position, size: known, limit: BATCH_SIZE });
      position = read.position;
      return read.events;
    },
  };
}

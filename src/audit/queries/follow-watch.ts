import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../db/connection.ts';
import { drainForRead } from '../sequencer/drain.ts';

/** Looks at logs for all who follow them in this process: once for everybody, and not at all while nobody waits. */
export interface LogWatch {
  /**
   * Resolves with the size of the log as soon as it has more than `size` leaves, or with `size` when `waitMs` have passed
   * or `signal` says so. Rejects when the database cannot be asked.
   */
  beyond(logId: string, size: number, waitMs: number, signal: AbortSignal): Promise<number>;
}

interface Waiter {
  readonly size: number;
  resolve(size: number): void;
  reject(error: unknown): void;
}

/** An event is seen at most so much later than it was answered, and the database is asked no more often for each log. */
const LOOK_INTERVAL_MS = 250;

export function createLogWatch(db: Database, intervalMs = LOOK_INTERVAL_MS): LogWatch {
  const watched = new Map<string, Set<Waiter>>();

  async function watch(logId: string, waiters: ReadonlySet<Waiter>): Promise<void> {
    try {
      do {
        const size = await drainForRead(db, logId);
        for (const waiter of [...waiters]) if (size > waiter.size) waiter.resolve(size);
        // Those who have just been told come back soon, and are to find this watch still going at its pace.
        await sleep(intervalMs, undefined, { ref: false });
      } while (waiters.size > 0);
      watched.delete(logId);
    } catch (error) {
      watched.delete(logId);
      for (const waiter of [...waiters]) waiter.reject(error);
    }
  }

  function waitersOf(logId: string): Set<Waiter> {
    const known = watched.get(logId);
    if (known !== undefined) return known;
    const waiters = new Set<Waiter>();
    watched.set(logId, waiters);
    return waiters;
  }

  return {
    beyond(logId, size, waitMs, signal) {
      if (signal.aborted) return Promise.resolve(size);
      const isWatched = watched.has(logId);
      const waiters = waitersOf(logId);
      const growth = new Promise<number>((resolve, reject) => {
        const leave = () => {
          waiters.delete(waiter);
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
        };
        const waiter: Waiter = {
          size,
          resolve: (grown) => {
            leave();
            resolve(grown);
          },
          reject: (error) => {
            leave();
            reject(error);
          },
        };
        const giveUp = () => waiter.resolve(size);
        const timer = setTimeout(giveUp, waitMs);
        signal.addEventListener('abort', giveUp);
        waiters.add(waiter);
      });
      if (!isWatched) void watch(logId, waiters);
      return growth;
    },
  };
}

import type { Database, DatabasePool } from './connection.ts';
import { DatabaseSilent, withinDeadline } from './deadline.ts';

/** A few connections for one purpose, which neither wait behind requests nor stay with a server that has gone silent. */
export interface OwnConnections {
  /** Rejects with {@link DatabaseSilent} when `work` takes longer than the deadline; the next call gets new connections. */
  use<Result>(work: (db: Database) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export function createOwnConnections(open: () => DatabasePool, deadlineMs: number): OwnConnections {
  let pool = open();

  return {
    async use(work) {
      const used = pool;
      try {
        return await withinDeadline(work(used.db), deadlineMs);
      } catch (error) {
        if (error instanceof DatabaseSilent && used === pool) {
          pool = open();
          // What is still under way on them must fail, not come to an end behind our back.
          void used.close().catch(() => {});
        }
        throw error;
      }
    },
    close: () => pool.close(),
  };
}

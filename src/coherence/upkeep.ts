import type { OwnConnections } from '../db/own-connections.ts';
import type { Clock } from '../lib/clock.ts';
import { mayEvict } from './protocol.ts';
import { deleteUnrenewed, purgeInvalidations, type SeenReplica, selectReplicas } from './store.ts';

/** Keeps the tables of replicas short. Every replica does it; that several do is harmless. */
export interface Upkeep {
  start(): void;
  stop(): void;
}

export interface UpkeepOptions {
  readonly connections: OwnConnections;
  readonly clock: Clock;
  readonly intervalMs?: number;
}

const INTERVAL_MS = 15_000;

/**
 * Deletes invalidations that all have applied, and the registrations of processes that ended without leaving: those that
 * have not renewed since an earlier look, for longer than their lease by this process's own clock.
 */
export function createUpkeep({ connections, clock, intervalMs = INTERVAL_MS }: UpkeepOptions): Upkeep {
  let timer: NodeJS.Timeout | undefined;
  let seen = new Map<string, { readonly replica: SeenReplica; readonly sinceMs: number }>();

  async function tidy(): Promise<void> {
    const replicas = await connections.use(selectReplicas);
    const nowMs = clock.monotonicMs();
    const silent = replicas.filter((replica) => {
      const before = seen.get(replica.id);
      return before?.replica.renewals === replica.renewals && mayEvict(nowMs - before.sinceMs, replica.leaseMs);
    });
    if (silent.length > 0) await connections.use((db) => deleteUnrenewed(db, silent));
    seen = new Map(
      replicas.map((replica) => {
        const before = seen.get(replica.id);
        return [replica.id, before?.replica.renewals === replica.renewals ? before : { replica, sinceMs: nowMs }];
      }),
    );
    await connections.use(purgeInvalidations);
  }

  return {
    start() {
      // What fails now is done next time.
      timer = setInterval(() => void tidy().catch(() => {}), intervalMs).unref();
    },
    stop: () => clearInterval(timer),
  };
}

import type { Socket } from 'node:net';
import type { DatabaseActivity, TransactionOutcome } from '../telemetry/metrics-readings.ts';
import { isDatabaseUnavailable } from './errors.ts';

/** Counts what the pools of one database are doing; the driver does not tell. */
export interface ActivityMeter {
  /** A connection that `pool` has opened. */
  opened(pool: string, socket: Socket): void;
  /** Runs a transaction; `work` calls `begun` when it has its connection. */
  count<Result>(work: (begun: () => void) => Promise<Result>): Promise<Result>;
  /** A transaction is begun again. */
  retried(): void;
  read(): DatabaseActivity;
}

export function createActivityMeter(): ActivityMeter {
  const connections: Record<string, number> = {};
  const outcomes: Record<TransactionOutcome, number> = { committed: 0, rolled_back: 0, in_doubt: 0 };
  let [waiting, running, retries] = [0, 0, 0];

  function change(pool: string, by: 1 | -1): void {
    connections[pool] = (connections[pool] ?? 0) + by;
  }

  return {
    opened(pool, socket) {
      change(pool, 1);
      socket.once('close', () => change(pool, -1));
    },
    async count(work) {
      let hasBegun = false;
      waiting += 1;
      const begin = () => {
        if (hasBegun) return;
        hasBegun = true;
        waiting -= 1;
        running += 1;
      };
      let outcome: TransactionOutcome = 'in_doubt';
      try {
        const result = await work(begin);
        outcome = 'committed';
        return result;
      } catch (error) {
        if (!isDatabaseUnavailable(error)) outcome = 'rolled_back';
        throw error;
      } finally {
        if (hasBegun) running -= 1;
        else waiting -= 1;
        outcomes[outcome] += 1;
        // It may still get a connection that nobody waits for any more.
        hasBegun = true;
      }
    },
    retried() {
      retries += 1;
    },
    read: () => ({ connections: { ...connections }, waiting, running, outcomes: { ...outcomes }, retries }),
  };
}

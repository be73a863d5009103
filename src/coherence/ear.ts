import type { DatabasePool } from '../db/connection.ts';
import type { OwnConnections } from '../db/own-connections.ts';
import { notify } from './store.ts';

/** Hears what is sent to some channels, as far as it is heard at all: behind some poolers nothing is. */
export interface Ear {
  start(): void;
  stop(): Promise<void>;
}

export interface EarOptions {
  /** A connection for listening alone. */
  readonly open: () => DatabasePool;
  readonly connections: OwnConnections;
  /** By channel. The last channel is this ear's own; through it, it hears whether it hears. */
  readonly handlers: ReadonlyMap<string, (message: string) => void>;
  readonly ownChannel: string;
  readonly checkMs?: number;
}

const CHECK_MS = 5_000;
const PING = 'ping';

/**
 * A connection that has gone deaf, cut or silently lost, gives no sign. So the ear calls itself from time to time, and
 * takes a new connection when it has not heard.
 */
export function createEar({ open, connections, handlers, ownChannel, checkMs = CHECK_MS }: EarOptions): Ear {
  let pool: DatabasePool | undefined;
  let hasHeard = true;
  let timer: NodeJS.Timeout | undefined;

  function listen(): void {
    pool = open();
    for (const [channel, handle] of handlers) {
      const hear = (message: string) => {
        if (channel === ownChannel && message === PING) hasHeard = true;
        else handle(message);
      };
      // What cannot be listened to now is found out at the next check.
      pool.db.$client.listen(channel, hear).catch(() => {});
    }
  }

  async function check(): Promise<void> {
    if (!hasHeard) {
      void pool?.close().catch(() => {});
      listen();
    }
    hasHeard = false;
    await connections.use((db) => notify(db, [{ channel: ownChannel, message: PING }])).catch(() => {});
  }

  return {
    start() {
      listen();
      timer = setInterval(() => void check(), checkMs).unref();
    },
    async stop() {
      clearInterval(timer);
      await pool?.close();
    },
  };
}

import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, originOf } from '../config/config.ts';
import { LINGER } from './drain.ts';
import { beginLull, type Lull } from './lull.ts';
import { explainPortError } from './port-error.ts';
import type { WorkerProcess } from './worker-process.ts';

/**
 * The port of a service with several workers. The supervisor accepts its connections and hands each to the worker with the
 * fewest. So they are spread evenly also where clients hold a few for long; left to the system, which wakes the one that
 * was busy last, one worker gets most of them. And a connection is lost with a worker only if that has read from it.
 */
export interface Port {
  /** By which this machine reaches it. */
  readonly url: string;
  /** From now on `worker` gets connections; until the first one does, they wait. */
  add(worker: WorkerProcess): void;
  /** From now on it gets none. */
  remove(worker: WorkerProcess): void;
  /** Closes the port when nobody has connected for a moment, and resolves when every connection is with a worker. */
  close(hurry: Promise<unknown>): Promise<void>;
}

/** More are turned away: if nobody takes connections, they must not fill the memory. */
const MAX_WAITING = 10_000;
const FLUSH_CHECK_MS = 10;

/** @throws StartupError if port or host cannot be had */
export async function openPort({ host, port }: Pick<Config, 'host' | 'port'>): Promise<Port> {
  const waiting: Socket[] = [];
  const members = new Set<WorkerProcess>();
  /** Those of them that have taken what they were given. */
  const free = new Set<WorkerProcess>();
  let lull: Lull | undefined;
  let isClosed = false;

  function dispatch(): void {
    for (let worker = leastBusy(free); worker !== undefined; worker = leastBusy(free)) {
      const connection = waiting.shift();
      if (connection === undefined) return;
      free.delete(worker);
      void hand(connection, worker);
    }
  }

  async function hand(connection: Socket, worker: WorkerProcess): Promise<void> {
    if (await worker.take(connection)) {
      connection.destroy();
      if (members.has(worker)) free.add(worker);
    } else {
      members.delete(worker);
      if (isClosed) connection.destroy();
      else waiting.unshift(connection);
    }
    dispatch();
  }

  // Not a byte is read here: that is for the worker.
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (connection) => {
    lull?.touch();
    connection.on('error', () => {});
    if (waiting.length < MAX_WAITING) waiting.push(connection);
    else connection.destroy();
    dispatch();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explainPortError(error, { host, port })));
    server.listen(port, host, resolve);
  });

  return {
    url: originOf(host, (server.address() as AddressInfo).port),
    add(worker) {
      members.add(worker);
      free.add(worker);
      dispatch();
    },
    remove(worker) {
      members.delete(worker);
      free.delete(worker);
    },
    async close(hurry) {
      lull = beginLull(LINGER);
      await lull.wait(hurry);
      server.close();
      void hurry.then(() => {
        isClosed = true;
      });
      while (waiting.length > 0 && members.size > 0 && !isClosed) await sleep(FLUSH_CHECK_MS);
      isClosed = true;
      for (const connection of waiting.splice(0)) connection.destroy();
    },
  };
}

function leastBusy(workers: ReadonlySet<WorkerProcess>): WorkerProcess | undefined {
  let least: WorkerProcess | undefined;
  for (const worker of workers) {
    if (least === undefined || worker.connections() < least.connections()) least = worker;
  }
  return least;
}

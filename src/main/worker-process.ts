import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../config/config.ts';
import { StartupError } from '../lib/startup-error.ts';
import { createDeferred } from './deferred.ts';
import type { Order, Report } from './messages.ts';

/** A worker, as its supervisor sees it. */
export interface WorkerProcess {
  /** Its place among the workers, from 1; whoever replaces it has the same. */
  readonly number: number;
  readonly pid: number | undefined;
  /** Resolves once it can answer; rejects with a StartupError if it ends before. */
  readonly ready: Promise<void>;
  /** Resolves when the process is gone and all that it said was heard, with its signal or code. */
  readonly ended: Promise<string>;
  /** Resolves when it winds down and its last connection is gone, or when the process is. */
  readonly empty: Promise<void>;
  /** How many connections it has, as far as is known. */
  connections(): number;
  /** Hands a connection over, one at a time. False: it is gone and has read nothing of it, so another may have it. */
  take(connection: Socket): Promise<boolean>;
  /** Does nothing once the process is gone. */
  tell(order: Exclude<Order, { kind: 'connection' }>): void;
  kill(): void;
}

/** In dist/ as in src/ the file beside this one. A worker runs what is there when it starts. */
const WORKER = fileURLToPath(import.meta.url).replace(/worker-process(\.[jt]s)$/, 'worker$1');

export function startWorker(number: number, env: Environment): WorkerProcess {
  const child = fork(WORKER, [String(number)], { env });
  // A message that came too late for it; what follows from its end is dealt with there.
  child.on('error', () => {});
  const [ready, empty] = [createDeferred(), createDeferred()];
  let taking = createDeferred<boolean>();
  let connections = 0;
  child.on('message', (report: Report) => {
    switch (report.kind) {
      case 'ready':
        return ready.resolve();
      case 'failed':
        return ready.reject(new StartupError(report.message));
      case 'empty':
        return empty.resolve();
      case 'taken':
        taking.resolve(true);
        connections = report.connections;
        return;
      case 'connections':
        connections = report.connections;
        return;
    }
  });
  const ended = endOf(child);
  void ended.then((how) => {
    taking.resolve(false);
    empty.resolve();
    ready.reject(new StartupError(`A worker ended before it could answer (${how}).`));
  });

  return {
    number,
    pid: child.pid,
    ready: ready.promise,
    ended,
    empty: empty.promise,
    connections: () => connections,
    async take(connection) {
      if (!child.connected) return false;
      taking = createDeferred();
      // Kept open on this side until it is known that the worker has it.
      child.send({ kind: 'connection' } satisfies Order, connection, { keepOpen: true }, () => {});
      return taking.promise;
    },
    tell(order) {
      if (child.connected) child.send(order, () => {});
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

/** A process may exit before its last messages are read: they are through when the channel is. */
async function endOf(child: ChildProcess): Promise<string> {
  if (child.pid === undefined) return 'it could not be made';
  const [[code, signal]] = await Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
  return signal ?? `code ${code}`;
}

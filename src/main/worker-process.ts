import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../config/config.ts';
import { StartupError } from '../lib/startup-error.ts';
import type { MetricValues } from '../telemetry/metrics-family.ts';
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
  /** Its metrics now; undefined if it does not answer soon. */
  askMetrics(): Promise<readonly MetricValues[] | undefined>;
  /** The last ones that it has reported; undefined if it never has. */
  lastMetrics(): readonly MetricValues[] | undefined;
  kill(): void;
}

/** In dist/ as in src/ the file beside this one. A worker runs what is there when it starts. */
const WORKER = fileURLToPath(import.meta.url).replace(/worker-process(\.[jt]s)$/, 'worker$1');
/** Prometheus waits ten seconds unless it is told otherwise; a worker that is busy for so long is not well. */
const METRICS_DEADLINE_MS = 2_000;

export function startWorker(number: number, env: Environment): WorkerProcess {
  const child = fork(WORKER, [String(number)], { env });
  // A message that came too late for it; what follows from its end is dealt with there.
  child.on('error', () => {});
  const [ready, empty] = [createDeferred(), createDeferred()];
  let taking = createDeferred<boolean>();
  let connections = 0;
  let metrics = createDeferred<readonly MetricValues[] | undefined>();
  let lastMetrics: readonly MetricValues[] | undefined;
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
      case 'metrics':
        lastMetrics = report.metrics;
        return metrics.resolve(lastMetrics);
    }
  });
  const ended = endOf(child);
  void ended.then((how) => {
    taking.resolve(false);
    metrics.resolve(undefined);
    empty.resolve();
    ready.reject(new StartupError(`A worker ended before it could answer (${how}).`));
  });

  const tell: WorkerProcess['tell'] = (order) => {
    if (child.connected) child.send(order, () => {});
  };
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
    tell,
    async askMetrics() {
      if (!child.connected) return undefined;
      metrics = createDeferred();
      tell({ kind: 'metrics' });
      return Promise.race([metrics.promise, sleep(METRICS_DEADLINE_MS, undefined)]);
    },
    lastMetrics: () => lastMetrics,
    kill: () => void child.kill('SIGKILL'),
  };
}

/**
 * `exit` may come before the last messages are read, and `disconnect` never does when a connection was on its way. `close`
 * comes when the process is gone and its channel is read to the end.
 */
async function endOf(child: ChildProcess): Promise<string> {
  if (child.pid === undefined) return 'it could not be made';
  const [code, signal] = await once(child, 'close');
  return signal ?? `code ${code}`;
}

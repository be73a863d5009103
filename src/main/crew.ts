import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../config/config.ts';
import { type Alarm, createAlarm } from '../lib/alarm.ts';
import { systemClock } from '../lib/clock.ts';
import { StartupError } from '../lib/startup-error.ts';
import type { Logger } from '../telemetry/logger.ts';
import { DISPOSAL_DEADLINE_MS } from './disposal.ts';
import { GRACE_MS, LINGER } from './drain.ts';
import type { Order } from './messages.ts';
import type { Port } from './port.ts';
import { restartPauseMs } from './restart-pause.ts';
import { startWorker, type WorkerProcess } from './worker-process.ts';

/** The workers of a service, as many as it should have, whatever becomes of them. */
export interface Crew {
  /** Resolves when all of them answer; rejects with a StartupError when one cannot start. */
  start(): Promise<void>;
  /** Replaces them one by one, each when its successor answers. One that does not start ends that. */
  replace(): void;
  /** All processes that there are: also who is starting, or has been replaced and is finishing. */
  workers(): Iterable<WorkerProcess>;
  /** How many have ended unasked. */
  losses(): number;
  /** Lets them finish their requests, closes the port, and resolves when no process is left. */
  stop(hurry: Promise<unknown>): Promise<void>;
}

export interface CrewOptions {
  readonly size: number;
  readonly env: Environment;
  readonly port: Port;
  readonly logger: Logger;
}

/** A worker that has lived so long has not failed at once. */
const SETTLED_MS = 10_000;
/** One that takes longer to start than this, beside others that answer, does not start. */
const START_DEADLINE_MS = 120_000;
/** How long a worker that is replaced waits for clients to come back, to be told to go elsewhere: longer than most keep an idle connection. */
const FAREWELL_MS = 5_000;
/** One that has not ended by then is stuck. */
const STOP_DEADLINE_MS = LINGER.atMostMs + GRACE_MS + DISPOSAL_DEADLINE_MS + 1_000;

/** One place in the crew. */
interface Place {
  readonly number: number;
  /** Who answers. */
  current: WorkerProcess | undefined;
  /** Who is to answer. */
  next: WorkerProcess | undefined;
  failures: number;
  /** Ends the pause before the next start. */
  readonly alarm: Alarm;
}

export function createCrew({ size, env, port, logger }: CrewOptions): Crew {
  const places = Array.from(
    { length: size },
    (_, index): Place => ({
      number: index + 1,
      current: undefined,
      next: undefined,
      failures: 0,
      alarm: createAlarm(),
    }),
  );
  const processes = new Set<WorkerProcess>();
  let losses = 0;
  let isStopping = false;
  let replacing: Promise<void> | undefined;
  let isReplacementQueued = false;

  const tellAll = (order: Exclude<Order, { kind: 'connection' }>) => {
    for (const worker of processes) worker.tell(order);
  };

  /** Starts the next worker of a place, which takes over from the current one, if there is one. */
  async function launch(place: Place): Promise<void> {
    const worker = startWorker(place.number, env);
    processes.add(worker);
    void worker.ended.then(() => processes.delete(worker));
    place.next = worker;
    logger.log('debug', 'worker.starting', { worker: worker.number, pid: worker.pid });
    try {
      await worker.ready;
    } finally {
      place.next = undefined;
    }
    if (isStopping) return;
    place.current = worker;
    port.add(worker);
    logger.log('info', 'worker.ready', { worker: worker.number, pid: worker.pid });
    void tend(place, worker);
  }

  /** Waits for the end of a worker, and if nobody has asked for it, has another one in its place. */
  async function tend(place: Place, worker: WorkerProcess): Promise<void> {
    const since = systemClock.monotonicMs();
    const end = await worker.ended;
    port.remove(worker);
    if (isStopping || place.current !== worker) return;
    place.current = undefined;
    losses += 1;
    if (systemClock.monotonicMs() - since >= SETTLED_MS) place.failures = 0;
    place.failures += 1;
    const pauseMs = restartPauseMs(place.failures);
    logger.log('error', 'worker.ended', { worker: worker.number, pid: worker.pid, end, pause_ms: pauseMs });
    // Unless its successor is under way already.
    if (place.next === undefined) await revive(place, pauseMs);
  }

  async function revive(place: Place, firstPauseMs: number): Promise<void> {
    let pauseMs = firstPauseMs;
    for (;;) {
      await place.alarm.sleep(pauseMs);
      if (isStopping) return;
      try {
        return await launchInTime(place);
      } catch (error) {
        if (isStopping) return;
        place.failures += 1;
        pauseMs = restartPauseMs(place.failures);
        logger.log('error', 'worker.start_failed', { ...reasonOf(error), worker: place.number, pause_ms: pauseMs });
      }
    }
  }

  async function launchInTime(place: Place): Promise<void> {
    const deadline = setTimeout(() => place.next?.kill(), START_DEADLINE_MS);
    try {
      await launch(place);
    } finally {
      clearTimeout(deadline);
    }
  }

  async function replaceAll(): Promise<void> {
    logger.log('info', 'service.replacing');
    for (const place of places) {
      if (isStopping) return;
      const { current: old } = place;
      if (old === undefined) {
        // It is being started again, perhaps from code that is not there any more.
        place.next?.kill();
        place.alarm.ring();
        continue;
      }
      try {
        await launchInTime(place);
      } catch (error) {
        if (isStopping) return;
        logger.log('error', 'service.replacement_failed', { ...reasonOf(error), worker: place.number });
        if (place.current === undefined) void revive(place, 0);
        return;
      }
      await dismiss(old);
    }
    if (!isStopping) logger.log('info', 'service.replaced');
  }

  /** What is asked for while it is being done is done once more: there may be newer code by now. */
  function replace(): void {
    isReplacementQueued = replacing !== undefined;
    replacing ??= replaceAll().finally(() => {
      replacing = undefined;
      if (isReplacementQueued && !isStopping) replace();
    });
  }

  /** Lets a worker go whose place another has taken. */
  async function dismiss(worker: WorkerProcess): Promise<void> {
    port.remove(worker);
    worker.tell({ kind: 'wind_down', isReady: true });
    await Promise.race([worker.empty, sleep(FAREWELL_MS)]);
    await end(worker);
  }

  async function end(worker: WorkerProcess): Promise<void> {
    worker.tell({ kind: 'finish' });
    const deadline = setTimeout(() => {
      logger.log('error', 'worker.stop_overdue', { worker: worker.number, pid: worker.pid });
      worker.kill();
    }, STOP_DEADLINE_MS);
    await worker.ended;
    clearTimeout(deadline);
  }

  return {
    async start() {
      await Promise.all(places.map(launch));
    },
    replace,
    workers: () => processes,
    losses: () => losses,
    async stop(hurry) {
      isStopping = true;
      for (const { alarm } of places) alarm.ring();
      tellAll({ kind: 'wind_down', isReady: false });
      void hurry.then(() => tellAll({ kind: 'hurry' }));
      await port.close(hurry);
      await Promise.all([...processes].map(end));
    },
  };
}

function reasonOf(error: unknown): { readonly reason: string } | { readonly err: unknown } {
  return error instanceof StartupError ? { reason: error.message } : { err: error };
}

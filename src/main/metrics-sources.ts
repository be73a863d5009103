import { readVersion } from '../config/version.ts';
import type { Context } from '../context.ts';
import type { VitalsReader } from '../db/vitals.ts';
import type { MetricValues } from '../telemetry/metrics-family.ts';
import type { Crew } from './crew.ts';
import type { GatherMetrics } from './metrics-listener.ts';
import type { WorkerProcess } from './worker-process.ts';

/** The metrics of a service of one process, which counts as its first worker. */
export async function gatherAlone(context: Context): Promise<GatherMetrics> {
  const { gatherCrew, gatherInstallation, gatherProcess } = await import('../telemetry/metrics-gather.ts');
  const own = gatherProcess('1', context.readProcess);
  const installation = gatherInstallation(readVersion(), context.readDatabase);
  return async () => [gatherCrew({ isUp: [true], losses: 0 }), await own(), await installation()];
}

/** The metrics of a service of several processes, which its supervisor asks for theirs. */
export async function gatherWorkers(size: number, crew: Crew, vitals: VitalsReader): Promise<GatherMetrics> {
  const { gatherCrew, gatherInstallation } = await import('../telemetry/metrics-gather.ts');
  const { observeProcess } = await import('../telemetry/metrics-process.ts');
  const { risingOf, sumOf } = await import('../telemetry/metrics-sum.ts');
  const own = observeProcess('supervisor');
  const installation = gatherInstallation(readVersion(), vitals.read);
  const known = new Set<WorkerProcess>();
  /** What those have counted that have ended. */
  const ended: (readonly MetricValues[])[] = [];

  function meet(worker: WorkerProcess): void {
    if (known.has(worker)) return;
    known.add(worker);
    void worker.ended.then(() => {
      known.delete(worker);
      ended.push(risingOf(worker.lastMetrics() ?? []));
    });
  }

  async function ask(worker: WorkerProcess) {
    const metrics = await worker.askMetrics();
    // Of one that is stuck, or has just ended, stands what it has counted.
    return { worker, isUp: metrics !== undefined, metrics: metrics ?? risingOf(worker.lastMetrics() ?? []) };
  }

  return async () => {
    for (const worker of crew.workers()) meet(worker);
    const past = [...ended];
    // Of two with the same number, one of which replaces the other, the younger stands for it.
    const answers = await Promise.all([...known].reverse().map(ask));
    const sum = await sumOf(past);
    ended.splice(0, past.length, sum);
    const up = new Set(answers.filter(({ isUp }) => isUp).map(({ worker }) => worker.number));
    const isUp = Array.from({ length: size }, (_, index) => up.has(index + 1));
    const workers = answers.map(({ metrics }) => metrics);
    return [gatherCrew({ isUp, losses: crew.losses() }), ...workers, sum, await own(), await installation()];
  };
}

import { readVersion } from '../config/version.ts';
import type { Context } from '../context.ts';
import type { GatherMetrics } from './metrics-listener.ts';

/** The metrics of a service of one process, which counts as its first worker. */
export async function gatherAlone(context: Context): Promise<GatherMetrics> {
  const { gatherInstallation, gatherProcess } = await import('../telemetry/metrics-gather.ts');
  const own = gatherProcess('1', context.readProcess);
  const installation = gatherInstallation(readVersion(), context.readDatabase);
  return async () => [await own(), await installation()];
}

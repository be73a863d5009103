import type { Context } from '../context.ts';
import { type Orders, report } from './orders.ts';

/**
 * Reports the metrics of this worker whenever its supervisor asks.
 *
 * @returns what reports them a last time, when no more requests come: what they have counted must not be lost
 */
export function reportMetrics(context: Context, worker: number, orders: Orders): () => Promise<void> {
  // Loaded and begun with the first question: nobody may ever ask.
  let gathering: ReturnType<typeof createGatherer> | undefined;
  const tell = async () => {
    try {
      gathering ??= createGatherer(context, worker);
      const gather = await gathering;
      await report({ kind: 'metrics', metrics: await gather() });
    } catch (error) {
      context.logger.log('error', 'metrics.failed', { err: error });
    }
  };
  orders.onMetrics(() => void tell());
  return async () => {
    if (gathering !== undefined) await tell();
  };
}

async function createGatherer(context: Context, worker: number) {
  const { gatherProcess } = await import('../telemetry/metrics-gather.ts');
  return gatherProcess(String(worker), context.readProcess);
}

import { collectDefaultMetrics, Registry } from 'prom-client';
import type { MetricValues } from './metrics-family.ts';

/** What Node.js and the operating system tell of this process: CPU, memory, event loop, garbage collection. */
export type ProcessObserver = () => Promise<MetricValues[]>;

/** Observes this process from now on, which costs it a timer; `worker` tells it from the others of its service. */
export function observeProcess(worker: string): ProcessObserver {
  const register = new Registry();
  collectDefaultMetrics({ register, labels: { worker } });
  return async () => {
    const metrics = await register.getMetricsAsJSON();
    // With that label no two processes share a value, so there is nothing to add up or to leave out.
    return metrics.filter(isWellNamed).map(({ name, help, type, values }) => ({
      name,
      help,
      type: String(type),
      aggregator: 'first',
      // A mean of nothing is no number, and cannot be told.
      values: values.filter(({ value }) => Number.isFinite(value)),
    }));
  };
}

/** Some gauges are called `_total`, which is for counters; others tell the same. */
function isWellNamed({ name, type }: { readonly name: string; readonly type: unknown }): boolean {
  return type === 'counter' || !name.endsWith('_total');
}

import { AggregatorRegistry } from 'prom-client';
import type { MetricValues } from './metrics-family.ts';

/**
 * What a process has counted, which stays true when it has ended. Added to what the living count, it keeps sums from
 * falling, which Prometheus would take for a restart and count everything once more.
 */
export function risingOf(metrics: readonly MetricValues[]): MetricValues[] {
  return metrics.filter(({ type, aggregator }) => aggregator === 'sum' && type !== 'gauge');
}

export async function sumOf(processes: readonly (readonly MetricValues[])[]): Promise<MetricValues[]> {
  const sums = await AggregatorRegistry.aggregate([...processes]).getMetricsAsJSON();
  return sums.map(({ name, help, type, values }) => ({ name, help, type: String(type), aggregator: 'sum', values }));
}

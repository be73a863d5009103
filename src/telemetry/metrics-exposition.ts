import { AggregatorRegistry, Registry } from 'prom-client';
import type { MetricValues } from './metrics-family.ts';

/** A text format of Prometheus. */
export type MetricsFormat = 'text' | 'openmetrics';

export const CONTENT_TYPES: Readonly<Record<MetricsFormat, string>> = {
  text: Registry.PROMETHEUS_CONTENT_TYPE,
  openmetrics: Registry.OPENMETRICS_CONTENT_TYPE,
};

/** The metrics of one or several processes as one page. */
export function exposeMetrics(processes: readonly (readonly MetricValues[])[], format: MetricsFormat): Promise<string> {
  if (format === 'text') return AggregatorRegistry.aggregate([...processes]).metrics();
  const renamed = processes.map((metrics) => metrics.map(nameForOpenMetrics));
  const registry = AggregatorRegistry.aggregate<typeof Registry.OPENMETRICS_CONTENT_TYPE>(renamed);
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry.metrics();
}

/** What Prometheus accepts says which format it wants; it names the newer one first since its version 2.5. */
export function formatFor(accept: string | undefined): MetricsFormat {
  return /\bapplication\/openmetrics-text\b/.test(accept ?? '') ? 'openmetrics' : 'text';
}

/** There a counter's name has no `_total`, but its values do; the registry adds it. */
function nameForOpenMetrics(metric: MetricValues): MetricValues {
  return metric.type === 'counter' ? { ...metric, name: metric.name.replace(/_total$/, '') } : metric;
}

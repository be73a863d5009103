import type { Histogram } from './histogram.ts';

/**
 * One metric as Prometheus sees it, and how its values are read from `Source`. Names and units are as the Prometheus
 * documentation wants them ("Metric and label naming"): base units, `_total` for what only rises.
 */
export interface Family<Source> {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** How the values of several processes become one. With `apart` each keeps its own, told apart by `worker`. */
  readonly across: 'sum' | 'max' | 'apart';
  read(source: Source): Iterable<Sample>;
}

export interface Sample {
  /** The values of `labels`, in their order. Few different ones: never an id, an address or anything that a client chose. */
  readonly labels?: readonly string[];
  readonly value: number | Histogram;
}

/** A metric with its values at one moment: plain data, which a process can send to another. */
export interface MetricValues {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: 'sum' | 'max' | 'first';
  readonly values: readonly MetricValue[];
}

export interface MetricValue {
  /** `…_bucket` and its like; the metric's own name if absent. */
  readonly metricName?: string;
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  readonly value: number;
}

/** Reads all of `families` from `source`, in the process `worker`. */
export function readFamilies<Source>(
  families: readonly Family<Source>[],
  source: Source,
  worker: string,
): MetricValues[] {
  return families.map((family) => {
    const { name, help, type, across } = family;
    const values = [...family.read(source)].flatMap(({ labels: given = [], value }) => {
      const labels = Object.fromEntries(family.labels.map((label, n) => [label, given[n] ?? '']));
      if (across === 'apart') labels.worker = worker;
      return typeof value === 'number' ? [{ labels, value }] : histogramValues(name, labels, value);
    });
    return { name, help, type, aggregator: across === 'apart' ? 'first' : across, values };
  });
}

/** Buckets are cumulative in the format, which makes them readable in part. */
function histogramValues(name: string, labels: Record<string, string>, histogram: Histogram): MetricValue[] {
  let count = 0;
  const buckets = [...histogram.counts].map((inBucket, n) => {
    count += inBucket;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: histogram.bounds[n] ?? '+Inf' }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: histogram.sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

import { describe, expect, it } from 'vitest';
import { createHistogram } from '../../src/telemetry/histogram.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { exposeMetrics, formatFor } from '../../src/telemetry/metrics-exposition.ts';
import { type Family, type MetricValues, readFamilies } from '../../src/telemetry/metrics-family.ts';
import { introspectionSamples } from '../../src/telemetry/metrics-introspections.ts';
import { BUILD_FAMILIES, DATABASE_FAMILIES, PROCESS_FAMILIES } from '../../src/telemetry/metrics-table.ts';

describe('a histogram', () => {
  it('counts each value in the first bucket whose bound it does not exceed', () => {
    const histogram = createHistogram([1, 5]);
    for (const value of [0, 1, 1.5, 5, 6, 100]) histogram.observe(value);
    expect([...histogram.counts]).toEqual([2, 2, 2]);
    expect(histogram.sum).toBe(113.5);
  });
});

describe('requests', () => {
  it('are counted by method, route and status, whatever methods clients invent', () => {
    const { requests } = createMetrics();
    for (const method of ['GET', 'GET', 'BREW', 'PROPFIND']) requests.of(method, '/v1/tokens').observe(200, 2);
    requests.of('GET', '/v1/tokens').observe(404, 2);
    const counted = [...requests.all()].map(({ method, route, status, seconds }) => [
      method,
      route,
      status,
      seconds.sum,
    ]);
    expect(counted).toEqual([
      ['GET', '/v1/tokens', 200, 0.004],
      ['GET', '/v1/tokens', 404, 0.002],
      ['other', '/v1/tokens', 200, 0.004],
    ]);
  });
});

describe('introspections', () => {
  it('are active, inactive for a reason, refused or unavailable', () => {
    const counted = createMetrics();
    for (const verdict of ['active', 'active', 'missing_scope', 'expired']) counted.verdicts.add(verdict);
    const statuses = [200, 200, 400, 401, 429, 503];
    for (const status of statuses) counted.requests.of('POST', '/v1/tokens/introspect').observe(status, 1);
    counted.requests.of('POST', '/v1/tokens').observe(401, 1);
    expect(introspectionSamples({ counted })).toEqual([
      { labels: ['active', ''], value: 2 },
      { labels: ['active', 'missing_scope'], value: 1 },
      { labels: ['inactive', 'expired'], value: 1 },
      { labels: ['refused', ''], value: 3 },
      { labels: ['unavailable', ''], value: 1 },
    ]);
  });
});

describe('every metric', () => {
  const all: readonly Pick<Family<never>, 'name' | 'type' | 'help' | 'labels'>[] = [
    ...PROCESS_FAMILIES,
    ...DATABASE_FAMILIES,
    ...BUILD_FAMILIES,
  ];

  it.each(all)('$name is named as Prometheus wants it', ({ name, type, help, labels }) => {
    expect(name).toMatch(/^tooken_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|kilobytes|kb)(_|$)/);
    expect(help).toMatch(/^[A-Z].*\.$/);
    for (const label of labels) expect(label).toMatch(/^[a-z]+$/);
  });

  it('has a name of its own', () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });
});

describe('the page of several processes', () => {
  const families: Family<number>[] = [
    { name: 'calls_total', type: 'counter', help: 'Calls.', labels: ['kind'], across: 'sum', read: (n) => [sample(n)] },
    { name: 'lag_seconds', type: 'gauge', help: 'Lag.', labels: [], across: 'apart', read: (n) => [{ value: n }] },
    { name: 'members', type: 'gauge', help: 'Members.', labels: [], across: 'max', read: (n) => [{ value: n }] },
    { name: 'wait_seconds', type: 'histogram', help: 'Wait.', labels: [], across: 'sum', read: (n) => [waits(n)] },
  ];
  const sample = (value: number) => ({ labels: ['a "quoted"\nkind'], value });
  function waits(value: number) {
    const histogram = createHistogram([1, 5]);
    histogram.observe(value);
    return { value: histogram };
  }
  /** As it arrives from another process. */
  const sent = (values: MetricValues[]): MetricValues[] => JSON.parse(JSON.stringify(values));
  const processes = [readFamilies(families, 3, '1'), sent(readFamilies(families, 4, '2'))];

  it('adds up what adds up, and keeps apart what does not', async () => {
    expect((await exposeMetrics(processes, 'text')).split('\n').filter((line) => line !== '')).toEqual([
      '# HELP calls_total Calls.',
      '# TYPE calls_total counter',
      'calls_total{kind="a \\"quoted\\"\\nkind"} 7',
      '# HELP lag_seconds Lag.',
      '# TYPE lag_seconds gauge',
      'lag_seconds{worker="1"} 3',
      'lag_seconds{worker="2"} 4',
      '# HELP members Members.',
      '# TYPE members gauge',
      'members 4',
      '# HELP wait_seconds Wait.',
      '# TYPE wait_seconds histogram',
      'wait_seconds_bucket{le="1"} 0',
      'wait_seconds_bucket{le="5"} 2',
      'wait_seconds_bucket{le="+Inf"} 2',
      'wait_seconds_sum 7',
      'wait_seconds_count 2',
    ]);
  });

  it('is also there as OpenMetrics, where counters are named without their suffix', async () => {
    const page = await exposeMetrics(processes, 'openmetrics');
    expect(page).toContain('# TYPE calls counter\ncalls_total{kind="a \\"quoted\\"\\nkind"} 7\n');
    expect(page).toMatch(/\n# EOF\n$/);
  });

  it.each([
    [undefined, 'text'],
    ['text/plain', 'text'],
    ['*/*', 'text'],
    ['application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5', 'openmetrics'],
  ])('comes to who accepts %s as %s', (accept, format) => {
    expect(formatFor(accept)).toBe(format);
  });
});

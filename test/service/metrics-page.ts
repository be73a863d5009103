import type { ServiceProcess } from '../support/service-process.ts';
import { logged } from './log.ts';

/** The values of a page of metrics, by their names with labels as written: `up{worker="1"}`. */
export type MetricsPage = ReadonlyMap<string, number>;

/** Where a service has said that its metrics are. */
export function metricsUrl(service: Pick<ServiceProcess, 'output'>): string {
  const url = logged(service, 'metrics.ready')[0]?.address;
  if (typeof url !== 'string') throw new Error('the service has no metrics');
  return url;
}

export async function scrape(service: Pick<ServiceProcess, 'output'>): Promise<MetricsPage> {
  const response = await fetch(metricsUrl(service));
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
  return parsePage(text);
}

/** Reads the text format strictly; throws at a line that is none of it, and at a value that is told twice. */
export function parsePage(text: string): MetricsPage {
  const page = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || /^# (HELP|TYPE) [a-z_\d]+ .|^# EOF$/.test(line)) continue;
    const [, name, value] = /^([a-z_\d]+(?:\{(?:[a-z]+="(?:[^"\\]|\\.)*",?)+\})?) (-?[\d.e+-]+)$/.exec(line) ?? [];
    if (name === undefined || page.has(name)) throw new Error(`not a line of metrics: ${line}`);
    page.set(name, Number(value));
  }
  return page;
}

/** The sum of all values of `name` whose labels are among those given. */
export function total(page: MetricsPage, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return [...page]
    .filter(([key]) => key.split('{', 1)[0] === name && wanted.every((label) => key.includes(label)))
    .reduce((sum, [, value]) => sum + value, 0);
}

import { Table } from './table.tsx';
import { absoluteDay, thousands } from './times.ts';

export interface Series {
  readonly name: string;
  /** 1 is what should be, 2 what may be looked at, 3 what should not be. */
  readonly tone: 1 | 2 | 3;
}

export interface Bucket {
  readonly start: Date;
  /** One for each series. */
  readonly values: readonly number[];
  /** What led to it. */
  readonly href?: string;
}

interface TimeChartProps {
  /** What is counted: `Introspections per day`. */
  readonly title: string;
  readonly unit: 'minute' | 'hour' | 'day' | 'month';
  readonly series: readonly Series[];
  /** In order of time, without gaps. */
  readonly buckets: readonly Bucket[];
}

const SLOT = 10;
const BAR = 7;
const HEIGHT = 100;

/**
 * Counts over time as stacked bars: the peak, the totals and the ends of time are written beside them, all numbers are in a table
 * below.
 */
export function TimeChart({ title, unit, series, buckets }: TimeChartProps) {
  const peak = Math.max(0, ...buckets.map(totalOf));
  const totals = series.map((_, n) => buckets.reduce((sum, { values }) => sum + (values[n] ?? 0), 0));
  const [first, last] = [buckets[0], buckets.at(-1)];
  return (
    <figure class="chart">
      <figcaption class="chart-caption">
        <span class="chart-title">{title}</span>
        <ul class="legend">
          {series.map(({ name, tone }, n) => (
            <li>
              <svg viewBox="0 0 9 9" aria-hidden="true">
                <rect class={`bar-${tone}`} width="9" height="9" rx="2" />
              </svg>
              {name} <strong>{thousands(totals[n] ?? 0)}</strong>
            </li>
          ))}
        </ul>
      </figcaption>
      <div class="chart-plot">
        <span class="chart-peak" aria-hidden="true">
          {thousands(peak)}
        </span>
        <svg
          viewBox={`0 0 ${buckets.length * SLOT} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${title}: ${summaryOf(series, totals, peak)}`}
        >
          {buckets.map((bucket, n) => (
            <Bar bucket={bucket} x={n * SLOT} peak={peak} series={series} unit={unit} />
          ))}
        </svg>
      </div>
      {first !== undefined && last !== undefined && (
        <div class="chart-axis" aria-hidden="true">
          <span>{labelOf(first.start, unit)}</span>
          <span>{labelOf(last.start, unit)}</span>
        </div>
      )}
      <details>
        <summary>As a table</summary>
        <Table caption={title} columns={['From (UTC)', ...series.map(({ name }) => name)]}>
          {buckets
            .filter((bucket) => totalOf(bucket) > 0)
            .map((bucket) => (
              <tr>
                <th scope="row" class="nowrap">
                  {bucket.href === undefined ? (
                    labelOf(bucket.start, unit)
                  ) : (
                    <a href={bucket.href}>{labelOf(bucket.start, unit)}</a>
                  )}
                </th>
                {bucket.values.map((value) => (
                  <td>{thousands(value)}</td>
                ))}
              </tr>
            ))}
        </Table>
      </details>
    </figure>
  );
}

function Bar({
  bucket,
  x,
  peak,
  series,
  unit,
}: Pick<TimeChartProps, 'series' | 'unit'> & { bucket: Bucket; x: number; peak: number }) {
  const heights = bucket.values.map((value) => (peak === 0 ? 0 : (value / peak) * HEIGHT));
  const said = series.map(({ name }, n) => `${name} ${thousands(bucket.values[n] ?? 0)}`).join(', ');
  return (
    <g>
      <title>{`${labelOf(bucket.start, unit)}: ${said}`}</title>
      <rect class="slot" x={x} y={0} width={SLOT} height={HEIGHT} />
      {heights.map((height, n) => {
        const below = heights.slice(0, n).reduce((sum, each) => sum + each, 0);
        const tone = series[n]?.tone ?? 1;
        if (height === 0) return null;
        return (
          <rect
            class={`bar-${tone}`}
            x={x + (SLOT - BAR) / 2}
            y={round(HEIGHT - below - height)}
            width={BAR}
            height={round(height)}
          />
        );
      })}
    </g>
  );
}

function summaryOf(series: readonly Series[], totals: readonly number[], peak: number): string {
  const sums = series.map(({ name }, n) => `${name} ${thousands(totals[n] ?? 0)}`);
  return `${sums.join(', ')}; at most ${thousands(peak)} at a time. The numbers are in the table below.`;
}

function totalOf({ values }: Bucket): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function labelOf(start: Date, unit: TimeChartProps['unit']): string {
  if (unit === 'month') return absoluteDay(start).replace(/^\d+ /, '');
  if (unit === 'day') return absoluteDay(start);
  return `${absoluteDay(start)}, ${start.toISOString().slice(11, 16)}`;
}

/** Two digits are finer than any screen. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}

import type { Machine } from './machine.ts';
import type { Summary } from './statistics.ts';

/** What one benchmark found. */
export interface Report {
  readonly title: string;
  /** What has to be known to read the table. */
  readonly notes: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly goals: readonly Goal[];
}

/** A ratio or time that the design promises. */
export interface Goal {
  readonly what: string;
  readonly value: number;
  readonly reach: number;
  readonly unit?: string;
  readonly better: 'higher' | 'lower';
}

export function isReached({ value, reach, better }: Goal): boolean {
  return better === 'higher' ? value >= reach : value <= reach;
}

/** The whole run as Markdown, so that it can go into the README as it stands. */
export function renderRun(reports: readonly Report[], machine: Machine, postgres: string): string {
  const { cpu, cores, memoryGiB, node, platform, load, isPinning } = machine;
  const host = `${cores} × ${cpu}, ${memoryGiB} GiB, ${platform}, Node ${node.slice(1)}, PostgreSQL ${postgres}`;
  const conditions = `load average at the start ${load}, ${isPinning ? 'pinned' : 'not pinned'} to cores`;
  return [`${host}; ${conditions}.`, ...reports.map(renderReport)].join('\n\n');
}

function renderReport({ title, notes, columns, rows, goals }: Report): string {
  const goalRows = goals.map((goal) => [
    goal.what,
    `${number(goal.value)}${goal.unit ?? ''}`,
    `${goal.better === 'higher' ? '≥' : '≤'} ${goal.reach}${goal.unit ?? ''}`,
    isReached(goal) ? 'yes' : 'no',
  ]);
  return [
    `## ${title}`,
    ...notes,
    table(columns, rows),
    ...(goals.length === 0 ? [] : [table(['goal', 'measured', 'to reach', 'reached'], goalRows)]),
  ].join('\n\n');
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, n) => Math.max(column.length, ...rows.map((row) => row[n]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, n) => (n === 0 ? `:${'-'.repeat(width + 1)}` : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(columns), rule, ...rows.map(line)].join('\n');
}

/** Three significant digits, and none of an integer's dropped. */
export function number(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return Number(value.toPrecision(3)).toString();
}

/** `1,234 (1,100–1,300)` */
export function spread({ median, min, max }: Summary): string {
  return `${number(median)} (${number(min)}–${number(max)})`;
}

/** Progress goes to stderr: stdout is for the result. */
export function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

import type { AuditEvent } from '../events/event.ts';
import type { BegunExport } from './begin.ts';
import type { ExportedLeaf } from './pages.ts';

/**
 * CSV by RFC 4180, in UTF-8: a header row, a row for each event, lines that end in CR LF. A cell that a spreadsheet would
 * take for a formula begins with an apostrophe, and so does one that begins with an apostrophe anyway: whoever takes one off
 * has what was there.
 */
const COLUMNS: readonly (readonly [name: string, cell: (event: AuditEvent) => unknown])[] = [
  ['id', ({ id }) => id],
  ['occurred_at', ({ occurred_at }) => occurred_at],
  ['workspace', ({ workspace }) => workspace],
  ['environment', ({ environment }) => environment],
  ['action', ({ action }) => action],
  ['operation', ({ operation }) => operation],
  ['outcome', ({ outcome }) => outcome],
  ['reason', ({ reason }) => reason],
  ['note', ({ note }) => note],
  ['actor_type', ({ actor }) => actor.type],
  ['actor_id', ({ actor }) => actor.id],
  ['actor_name', ({ actor }) => actor.name],
  ['target_type', ({ targets }) => targets[0]?.type],
  ['target_id', ({ targets }) => targets[0]?.id],
  ['target_name', ({ targets }) => targets[0]?.name],
  ['more_targets', ({ targets }) => jsonUnlessEmpty(targets.slice(1))],
  ['request_id', ({ request }) => request?.id],
  ['request_method', ({ request }) => request?.method],
  ['request_route', ({ request }) => request?.route],
  ['source_ip', ({ source }) => source?.ip],
  ['source_user_agent', ({ source }) => source?.user_agent],
  ['changes', ({ changes }) => jsonUnlessEmpty(changes)],
  ['count', ({ count }) => count],
  ['first_at', ({ first_at }) => first_at],
  ['last_at', ({ last_at }) => last_at],
  ['redacted', ({ redacted }) => redacted],
];

const HEADINGS = ['leaf_index', 'leaf_hash', ...COLUMNS.map(([name]) => name)];

/** An export as CSV, in pieces of whole rows. An event that the database has lost has no more than index and hash. */
export async function* formatCsv({ pages }: Pick<BegunExport, 'pages'>): AsyncGenerator<Buffer, void> {
  yield Buffer.from(formatRow(HEADINGS), 'utf8');
  for await (const page of pages()) yield Buffer.from(page.map(formatLeaf).join(''), 'utf8');
}

function formatLeaf({ leafIndex, hash, event }: ExportedLeaf): string {
  return formatRow([leafIndex, hash.toString('hex'), ...COLUMNS.map(([, cell]) => event && cell(event))]);
}

export function formatRow(cells: readonly unknown[]): string {
  return `${cells.map(formatCell).join(',')}\r\n`;
}

// Some spreadsheets take full-width signs for the others, and look behind a line feed.
const BEGINS_FORMULA = /^[=+\-@\t\r\n'\uff1d\uff0b\uff0d\uff20]/;
const NEEDS_QUOTES = /[",\r\n]/;

function formatCell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  const harmless = BEGINS_FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function jsonUnlessEmpty(values: readonly unknown[]): string | undefined {
  return values.length === 0 ? undefined : JSON.stringify(values);
}

import { readFileSync, writeFileSync } from 'node:fs';
import { AUDIT_ACTIONS } from '../../src/audit/events/catalogue.ts';
import type { MemberAccess, OperationAccess } from '../../src/rights/operation.ts';
import { OAUTH_OPERATIONS, OPERATIONS } from '../../src/rights/rights.ts';
import type { Family } from '../../src/telemetry/metrics-family.ts';
import {
  BUILD_FAMILIES,
  CREW_FAMILIES,
  DATABASE_FAMILIES,
  PROCESS_FAMILIES,
} from '../../src/telemetry/metrics-table.ts';

/** Every metric of ours. */
export const FAMILIES: readonly Pick<Family<never>, 'name' | 'type' | 'help' | 'labels' | 'across'>[] = [
  ...PROCESS_FAMILIES,
  ...DATABASE_FAMILIES,
  ...CREW_FAMILIES,
  ...BUILD_FAMILIES,
];

/** A document with tables that are made from the tables in the code. `npm run docs` writes them; a test demands them. */
interface Document {
  readonly file: URL;
  /** By the name that the place in the document has. */
  readonly tables: Readonly<Record<string, () => string>>;
}

export const DOCUMENTS: readonly Document[] = [
  { file: new URL('../../ARCHITECTURE.md', import.meta.url), tables: { access: accessTable, event: eventTable } },
  { file: new URL('../../docs/metrics.md', import.meta.url), tables: { metric: metricTable } },
];

/** The text of a document, and what it should be. */
export function compareDocument({ file, tables }: Document): { readonly text: string; readonly expected: string } {
  const text = readFileSync(file, 'utf8');
  const expected = Object.entries(tables).reduce((done, [name, make]) => replaceTable(done, name, make()), text);
  return { text, expected };
}

function accessTable(): string {
  const rows = Object.values<OperationAccess>({ ...OPERATIONS, ...OAUTH_OPERATIONS }).map((access) => {
    const { method, path, apiKey, token, open, event } = access;
    const cells = [
      `\`${method.toUpperCase()} ${path}\``,
      open === 'always' ? 'anybody' : `${apiKey}${open === undefined ? '' : ', or anybody if public'}`,
      open === 'always' ? 'anybody' : token === 'any' || token === 'never' ? token : `\`${token}\``,
      open === 'always' ? 'anybody' : membersOf(access),
      event === undefined ? '' : `\`${event}\``,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return ['| operation | API key | token | member | leaves |', '|---|---|---|---|---|', ...rows].join('\n');
}

function membersOf({ member, stepUp }: OperationAccess): string {
  return `${MEMBERS[member]}${stepUp === true ? ', stepped up' : ''}`;
}

const MEMBERS: Readonly<Record<MemberAccess, string>> = {
  all: 'any',
  managers: 'owner, admin',
  managers_and_auditors: 'owner, admin, auditor',
  all_but_auditors: 'owner, admin, member',
  never: 'never',
};

function eventTable(): string {
  const rows = Object.entries(AUDIT_ACTIONS).map(
    ([action, { operation, description }]) => `| \`${action}\` | ${operation} | ${description} |`,
  );
  return ['| action | operation | means |', '|---|---|---|', ...rows].join('\n');
}

function metricTable(): string {
  const rows = FAMILIES.map((family) => {
    const labels = labelsOf(family).map((label) => `\`${label}\``);
    return `| \`${family.name}\` | ${family.type} | ${labels.join(', ')} | ${family.help} |`;
  });
  return ['| name | type | labels | means |', '|---|---|---|---|', ...rows].join('\n');
}

/** As they are told. */
export function labelsOf({ labels, across }: Pick<Family<never>, 'labels' | 'across'>): readonly string[] {
  return across === 'apart' ? [...labels, 'worker'] : labels;
}

function replaceTable(text: string, name: string, table: string): string {
  const pattern = new RegExp(`(<!-- ${name} table: [^>]*-->\n)[^]*?(<!-- end -->)`);
  if (!pattern.test(text)) throw new Error(`there is no place for the ${name} table`);
  return text.replace(pattern, (_all, start: string, end: string) => `${start}${table}\n${end}`);
}

if (process.argv[2] === '--write') {
  for (const document of DOCUMENTS) writeFileSync(document.file, compareDocument(document).expected);
}

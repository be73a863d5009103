import { readFileSync, writeFileSync } from 'node:fs';
import { AUDIT_ACTIONS } from '../../src/audit/catalogue.ts';
import { OAUTH_OPERATIONS, OPERATIONS, type OperationAccess } from '../../src/http/access.ts';

/** The tables of ARCHITECTURE.md, from the tables in the code. `npm run docs` writes them; a test demands them. */
export const ARCHITECTURE_FILE = new URL('../../ARCHITECTURE.md', import.meta.url);

/** `text` with each generated table in place. */
export function withTables(text: string): string {
  return replaceTable(replaceTable(text, 'access', accessTable()), 'event', eventTable());
}

function accessTable(): string {
  const rows = Object.values<OperationAccess>({ ...OPERATIONS, ...OAUTH_OPERATIONS }).map(
    ({ method, path, apiKey, token, event }) =>
      `| \`${method.toUpperCase()} ${path}\` | ${apiKey} | ${token === 'any' || token === 'never' ? token : `\`${token}\``} | ${event === undefined ? '' : `\`${event}\``} |`,
  );
  return ['| operation | API key | token | leaves |', '|---|---|---|---|', ...rows].join('\n');
}

function eventTable(): string {
  const rows = Object.entries(AUDIT_ACTIONS).map(
    ([action, { operation, description }]) => `| \`${action}\` | ${operation} | ${description} |`,
  );
  return ['| action | operation | means |', '|---|---|---|', ...rows].join('\n');
}

function replaceTable(text: string, name: string, table: string): string {
  const pattern = new RegExp(`(<!-- ${name} table: [^>]*-->\n)[^]*?(<!-- end -->)`);
  if (!pattern.test(text)) throw new Error(`ARCHITECTURE.md has no place for the ${name} table`);
  return text.replace(pattern, (_all, start: string, end: string) => `${start}${table}\n${end}`);
}

if (process.argv[2] === '--write') {
  writeFileSync(ARCHITECTURE_FILE, withTables(readFileSync(ARCHITECTURE_FILE, 'utf8')));
}

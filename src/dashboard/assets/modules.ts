import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartupError } from '../../lib/startup-error.ts';

/**
 * A script as browsers get it: `path` is relative to the folder of all assets, and its imports lead from there to others
 * of them. The service's own modules have the paths of `dist/`, those of packages the paths of `node_modules/` after
 * `packages/`, so that relative imports are right as they are written:
 *
 *     dashboard/browser/main.js     imports    ../../audit/core/canonical.js
 *     audit/core/canonical.js       imports    ../../packages/canonicalize/lib/canonicalize.js, by the name canonicalize
 */
export interface BrowserModule {
  readonly path: string;
  readonly source: string;
}

/** What browsers may read of the service itself; `tsc` writes it there. */
const DIST = new URL('../../../dist/', import.meta.url);
const ENTRY_FOLDER = 'dashboard/browser/';
const PUBLIC_FOLDERS = [ENTRY_FOLDER, 'audit/core/', 'lib/'];

/** What they may read of packages: by the specifier in the source, the file under `packages/`. */
const PACKAGES: ReadonlyMap<string, string> = new Map([
  ['canonicalize', 'packages/canonicalize/lib/canonicalize.js'],
  ['@noble/hashes/sha2.js', 'packages/@noble/hashes/sha2.js'],
]);

/** The scripts that pages load, by name: each that is directly in the folder. What several share is in folders below. */
export function listEntries(): ReadonlyMap<string, string> {
  const names = unlessMissing(new URL(ENTRY_FOLDER, DIST), (folder) => readdirSync(folder));
  return new Map(names.filter((name) => name.endsWith('.js')).map((name) => [name, ENTRY_FOLDER + name]));
}

/**
 * The modules at `entries` and all that they import, each once. Only static imports count. Throws for an import that
 * leads anywhere else than into what is public, and a StartupError for a file that is not there.
 */
export function collectModules(entries: readonly string[], dist: URL = DIST): BrowserModule[] {
  const modules = new Map<string, BrowserModule>();
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (modules.has(path)) continue;
    const importer = path;
    const source = read(locate(importer, dist)).replaceAll(
      IMPORT,
      (_, before: string, specifier: string, quote: string) => {
        const target = resolve(specifier, importer);
        waiting.push(target);
        return `${before}${relative(importer, target)}${quote}`;
      },
    );
    modules.set(importer, { path: importer, source });
  }
  return [...modules.values()];
}

/** As `tsc` and formatters write it: at the beginning of a line, and the specifier is its only string. */
const IMPORT = /^((?:import|export)\b[^'"`;]*?\bfrom\s*['"]|import\s*['"])([^'"\n]+)(['"])/gm;

function resolve(specifier: string, importer: string): string {
  const target = isRelative(specifier) ? posix.join(posix.dirname(importer), specifier) : PACKAGES.get(specifier);
  if (target === undefined || !isPublic(target)) {
    throw new Error(`${importer} imports ${specifier}, which no browser gets`);
  }
  return target;
}

function isPublic(path: string): boolean {
  const packages = Array.from(PACKAGES.values(), (file) => `${posix.dirname(file)}/`);
  return [...PUBLIC_FOLDERS, ...packages].some((folder) => path.startsWith(folder));
}

const isRelative = (specifier: string) => specifier.startsWith('./') || specifier.startsWith('../');

function relative(importer: string, target: string): string {
  const path = posix.relative(posix.dirname(importer), target);
  return isRelative(path) ? path : `./${path}`;
}

/** Without the reference to a source map, which is not served. */
function read(file: URL): string {
  const text = unlessMissing(file, (found) => readFileSync(found, 'utf8'));
  return text.replace(/^\/\/# sourceMappingURL=.*\n?/m, '');
}

function unlessMissing<Content>(url: URL, readIt: (url: URL) => Content): Content {
  try {
    return readIt(url);
  } catch (cause) {
    const path = fileURLToPath(url);
    throw new StartupError(`Scripts of the dashboard are missing at ${path}. Make them with: npm run build`, { cause });
  }
}

function locate(path: string, dist: URL): URL {
  const [specifier] = [...PACKAGES].find(([, file]) => posix.dirname(path) === posix.dirname(file)) ?? [];
  return specifier === undefined
    ? new URL(path, dist)
    : new URL(`./${posix.basename(path)}`, import.meta.resolve(specifier));
}

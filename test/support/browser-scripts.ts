import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = ['src/dashboard/browser', 'src/audit/core', 'src/lib', 'tsconfig.json', 'tsconfig.browser.json'];

/** A script that every build writes. */
const BUILT = 'dist/dashboard/browser/main.js';

/**
 * Makes `dist/` hold what browsers get of these sources: the service serves what is there, also where it runs from `src/`.
 * Types are left to `npm run check`.
 */
export async function compileBrowserScripts(): Promise<void> {
  if ((await newestChange(SOURCES)) < (await newestChange([BUILT]))) return;
  await promisify(execFile)(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.browser.json', '--noCheck'], {
    cwd: ROOT,
  }).catch((error: Error & { stdout?: string }) => {
    throw new Error(`the scripts for browsers do not compile:\n${error.stdout}`, { cause: error });
  });
}

/** In milliseconds; 0 where nothing is. */
async function newestChange(paths: readonly string[]): Promise<number> {
  const times = await Promise.all(paths.map(changedAt));
  return Math.max(0, ...times);
}

async function changedAt(path: string): Promise<number> {
  const found = await stat(join(ROOT, path)).catch(() => undefined);
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  const names = await readdir(join(ROOT, path));
  return Math.max(found.mtimeMs, await newestChange(names.map((name) => join(path, name))));
}

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './processes.ts';
import { progress } from './report.ts';
import { MAIN } from './service.ts';

/** Measured is what `npm start` runs: builds it if a source is newer. */
export function buildIfStale(): void {
  const source = join(ROOT, 'src');
  const newest = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(source, name)).mtimeMs)
    .reduce((a, b) => Math.max(a, b));
  if (existsSync(MAIN) && statSync(MAIN).mtimeMs > newest) return;
  progress('building');
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 2, 2] });
}

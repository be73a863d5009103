import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let root: string | undefined;
let made = 0;

/** A new directory that is gone after the run, however that ends. */
export function scratchDirectory(): string {
  root ??= makeRoot();
  made += 1;
  const path = join(root, String(made));
  mkdirSync(path);
  return path;
}

function makeRoot(): string {
  const path = mkdtempSync(join(tmpdir(), 'tooken-bench-'));
  process.on('exit', () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
  return path;
}

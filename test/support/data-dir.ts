import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A data directory for the service on this database: the checkpoints on disk are of one database, and another one with
 * the same directory is refused. Removed when the process ends.
 */
export function dataDirOf(database: string): string {
  const path = join(tmpdir(), `tooken-data-${process.pid}-${database}`);
  mkdirSync(path, { recursive: true });
  if (made.size === 0) process.once('exit', removeAll);
  made.add(path);
  return path;
}

/** The same for a process that is told its database by a URL, if it is. */
export function dataDirIn({ DATABASE_URL }: Readonly<Record<string, string>>): { TOOKEN_DATA_DIR?: string } {
  if (DATABASE_URL === undefined || !URL.canParse(DATABASE_URL)) return {};
  return { TOOKEN_DATA_DIR: dataDirOf(new URL(DATABASE_URL).pathname.slice(1)) };
}

const made = new Set<string>();

function removeAll(): void {
  for (const path of made) rmSync(path, { recursive: true, force: true });
}

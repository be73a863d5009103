import { constants } from 'node:fs';
import { copyFile, type FileHandle, open, readFile, stat, truncate } from 'node:fs/promises';

const MAX_LOG_BYTES = 8 * 1024 * 1024;
const CHECK_INTERVAL_MS = 60_000;

/** Opens the log for a server to append to. The server inherits the handle, so it needs no right to the file itself. */
export function openServerLog(path: string): Promise<FileHandle> {
  return open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600);
}

/**
 * Keeps the log at about two times 8 MiB. Copying and truncating works while the server appends, and needs no process of
 * its own as PostgreSQL's collector does; lines written between the two are lost.
 *
 * @returns stops it
 */
export function boundServerLog(path: string): () => void {
  const rotate = async (): Promise<void> => {
    if ((await stat(path)).size < MAX_LOG_BYTES) return;
    await copyFile(path, `${path}.1`);
    await truncate(path, 0);
  };
  const check = (): void => {
    rotate().catch(() => {});
  };
  check();
  const timer = setInterval(check, CHECK_INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** What the server said last about why it would not start, without its prefix. */
export async function lastFatalLine(path: string, sinceByte: number): Promise<string | undefined> {
  const text = (await readFile(path).catch(() => Buffer.alloc(0))).subarray(sinceByte).toString('utf8');
  const lines = text
    .split('\n')
    .filter((line) => /(FATAL|PANIC|ERROR):/.test(line) || /error while loading/.test(line));
  return lines
    .at(-1)
    ?.replace(/^.*?(FATAL|PANIC|ERROR):\s*/, '')
    .trim();
}

import { chmod, chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach } from 'vitest';
import { isPostgresOf, processStart } from '../../src/db/embedded/process-identity.ts';

/** Debian's and most others' `nobody`: whom a test becomes that has to do without root. */
export const NOBODY = 65534;
export const isRoot = process.geteuid?.() === 0;

const directories: string[] = [];

/** A new directory that the test's end removes, with every server that still works below it. */
export async function scratch(owner?: number): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tooken-embedded-'));
  directories.push(directory);
  // mkdtemp makes it 0700; as a data directory's parent it is open unless a test closes it.
  await chmod(directory, 0o755);
  if (owner !== undefined && isRoot) await chown(directory, owner, owner);
  return directory;
}

afterEach(async () => {
  for (const directory of directories.splice(0)) {
    for (const cluster of await findClusters(directory)) await endServer(cluster);
    await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
});

/** The pid in `postmaster.pid`. */
export async function serverPid(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8'), 10);
}

/** Waits for something that is bound to come true; the test's own timeout is the limit. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(10);
}

async function findClusters(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter(({ name }) => name === 'postmaster.pid').map(({ parentPath }) => parentPath);
}

async function endServer(cluster: string): Promise<void> {
  const pid = Number.parseInt(await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => ''), 10);
  if (!(await isPostgresOf(pid, cluster))) return;
  process.kill(pid, 'SIGQUIT');
  await eventually(async () => (await processStart(pid)) === undefined);
}

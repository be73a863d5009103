import { existsSync } from 'node:fs';
import { access, constants, lchown, lstat, mkdir, open, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { StartupError } from '../../lib/startup-error.ts';
import type { Owner, RuntimeUser } from './runtime-user.ts';

/**
 * ```
 * <data directory>/
 *   postgres.lock          which process uses this directory
 *   postgres.new-<random>  a first start in progress, or the rest of one that was killed
 *   postgres/              appears complete, by one rename
 *     cluster/             PostgreSQL's own directory, of the user it runs as
 *     credentials.json     the passwords of the two roles, 0600
 *     postgres.log         and postgres.log.1
 * ```
 */
export interface DataDirectory {
  readonly root: string;
  readonly lock: string;
  readonly database: string;
}

export interface ClusterState {
  readonly major: number;
  readonly owner: Owner;
}

export const STAGING_PREFIX = 'postgres.new-';

/** PostgreSQL's directory inside `postgres/`, or inside what is about to become it. */
export const clusterPath = (database: string): string => join(database, 'cluster');
export const credentialsPath = (database: string): string => join(database, 'credentials.json');
export const logPath = (database: string): string => join(database, 'postgres.log');

/** Makes the directory if need be. Fails with the file system's error, which `explainDiskFailure` puts into words. */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  await makeDirectory(resolve(path));
  const root = await realpath(resolve(path));
  await access(root, constants.R_OK | constants.W_OK | constants.X_OK);
  return layoutOf(root);
}

/**
 * With what lies above it. Node's own way to do that goes round and round where a parent exists and takes no
 * directory, as in /proc, and says of a read-only file system that nothing is there.
 */
async function makeDirectory(path: string, hasParent = false): Promise<void> {
  try {
    await mkdir(path, { mode: privateMode() });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (code !== 'ENOENT' || hasParent) throw error;
    await makeDirectory(dirname(path));
    await makeDirectory(path, true);
  }
}

/** The directory if it exists; makes nothing. */
export async function findDataDirectory(path: string): Promise<DataDirectory | undefined> {
  const root = await realpath(resolve(path)).catch(undefinedIfMissing);
  return root === undefined ? undefined : layoutOf(root);
}

/** What an earlier start left: `undefined` before the first one. */
export async function readClusterState(data: DataDirectory): Promise<ClusterState | undefined> {
  if (await isMissingOrEmpty(data.database)) return undefined;
  const cluster = clusterPath(data.database);
  const version = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(undefinedIfMissing);
  const credentials = await lstat(credentialsPath(data.database)).catch(undefinedIfMissing);
  if (version === undefined || credentials === undefined) {
    throw new StartupError(
      `The database in ${data.database} is incomplete: ${version === undefined ? 'cluster/PG_VERSION' : 'credentials.json'} is missing; ` +
        'restore the whole directory from a backup, or choose another TOOKEN_DATA_DIR.',
    );
  }
  const { uid, gid } = await stat(cluster);
  return { major: Number.parseInt(version, 10), owner: { uid, gid } };
}

/** Removes first starts that were killed half-way. Only for the holder of the lock. */
export async function removeAbandonedStaging(data: DataDirectory): Promise<void> {
  for (const name of await readdir(data.root)) {
    // The initdb of a killed start may live on for a moment and still add files: then the next start removes them.
    if (name.startsWith(STAGING_PREFIX))
      await rm(join(data.root, name), { recursive: true, force: true }).catch(() => {});
  }
}

/**
 * How to name the cluster directory to a process started *in* it. As root the directories above it are closed to the
 * user that PostgreSQL runs as, whether the operator closed them or we did. A process keeps the working directory it
 * was started with, though, and the kernel resolves this name to it without a look at the directories above. So the
 * data stay where the operator wants them, and no start can find other data than the last one.
 */
export function clusterName(user: RuntimeUser, cluster: string): string {
  return !user.isSelf && hasWorkingDirectoryLink() ? '/proc/self/cwd' : cluster;
}

/** For directories above the cluster. Without the link, PostgreSQL's user has to walk through them. */
export function privateMode(): number {
  return process.geteuid?.() === 0 && !hasWorkingDirectoryLink() ? 0o711 : 0o700;
}

/** Gives a tree to the user, for a cluster that root copied or restored. */
export async function giveTree(user: RuntimeUser, path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) await giveTree(user, child);
    else if (entry.isFile()) await lchown(child, user.uid, user.gid);
  }
  await lchown(path, user.uid, user.gid);
}

/** Makes the names in a directory, or the content of a file, survive a power cut. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function hasWorkingDirectoryLink(): boolean {
  return process.platform === 'linux' && existsSync('/proc/self/cwd');
}

function layoutOf(root: string): DataDirectory {
  return { root, lock: join(root, 'postgres.lock'), database: join(root, 'postgres') };
}

async function isMissingOrEmpty(path: string): Promise<boolean> {
  const names = await readdir(path).catch(undefinedIfMissing);
  return names === undefined || names.length === 0;
}

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}

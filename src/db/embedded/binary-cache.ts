import { chmod, copyFile, lstat, mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Random } from '../../lib/random.ts';
import { syncPath } from './data-directory.ts';
import { repairPackage } from './library-links.ts';
import { processStart } from './process-identity.ts';
import type { RuntimeUser } from './runtime-user.ts';
import { isReachableBy, isTrustedDirectory } from './trusted-path.ts';

/** Static libraries and headers serve compilers only. */
const UNNEEDED = /\.a$|^pkgconfig$|^include$/;
const COPYING = /^\.copying-(\d+)-/;

/**
 * Copies a package of binaries to where the runtime user can run them, once for each version.
 *
 * The copy appears complete, by a rename, in a directory that only root and ourselves can write: nobody else can plant
 * binaries. When two services copy at once, one copy stays and both use it.
 *
 * @param name tells versions and platforms apart
 * @returns the copy's `native` directory, or `undefined` if there is no place for it
 */
export async function copyPackage(
  nativeDirectory: string,
  name: string,
  user: RuntimeUser,
  random: Random,
  places = cachePlaces(),
): Promise<string | undefined> {
  const cache = await findCacheDirectory(user, places);
  if (cache === undefined) return undefined;
  const destination = join(cache, name);
  if (await isOurs(destination)) return destination;

  await removeAbandonedCopies(cache);
  const temporary = join(cache, `.copying-${process.pid}-${random.bytes(6).toString('hex')}`);
  try {
    await copyTree(nativeDirectory, temporary);
    await repairPackage(temporary, random);
    await rename(temporary, destination);
    await syncPath(cache);
  } catch (error) {
    // The other of two at once was first.
    if (!(await isOurs(destination))) throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return destination;
}

/** Removes a copy that does not run. Whoever runs from it keeps its files. */
export async function discardCopy(copy: string, random: Random): Promise<void> {
  const doomed = join(copy, '..', `.copying-${process.pid}-${random.bytes(6).toString('hex')}`);
  await rename(copy, doomed).catch(() => {});
  await rm(doomed, { recursive: true, force: true });
}

function cachePlaces(): string[] {
  const self = process.geteuid?.() ?? -1;
  const own = self === 0 ? ['/var/cache/tooken', '/var/lib/tooken'] : [join(homedir(), '.cache', 'tooken')];
  return [...own, join(tmpdir(), `tooken-binaries-${self}`)];
}

async function findCacheDirectory(user: RuntimeUser, places: readonly string[]): Promise<string | undefined> {
  for (const directory of places) {
    try {
      const created = await mkdir(directory, { recursive: true, mode: 0o755 });
      // The umask of root may be stricter, and the runtime user has to get in.
      if (created !== undefined) await chmod(directory, 0o755);
      if (!(await isOurs(directory))) continue;
      if ((await isTrustedDirectory(directory)) && (await isReachableBy(user, directory))) return directory;
    } catch {
      // Not writable: the next one may be.
    }
  }
  return undefined;
}

async function isOurs(directory: string): Promise<boolean> {
  const found = await lstat(directory).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === process.geteuid?.() && (found.mode & 0o022) === 0;
}

async function copyTree(source: string, destination: string): Promise<void> {
  await mkdir(destination);
  for (const entry of await readdir(source, { withFileTypes: true })) {
    if (UNNEEDED.test(entry.name)) continue;
    const from = join(source, entry.name);
    const to = join(destination, entry.name);
    if (entry.isDirectory()) await copyTree(from, to);
    else if (entry.isSymbolicLink()) await symlink(await readlink(from), to);
    else if (entry.isFile()) {
      await copyFile(from, to);
      // Whatever the checkout's umask was, the runtime user reads and runs the copy.
      await chmod(to, 0o755);
      await syncPath(to);
    }
  }
  await chmod(destination, 0o755);
  await syncPath(destination);
}

async function removeAbandonedCopies(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const pid = Number(COPYING.exec(name)?.[1]);
    if (Number.isInteger(pid) && (await processStart(pid)) === undefined) {
      await rm(join(cache, name), { recursive: true, force: true });
    }
  }
}

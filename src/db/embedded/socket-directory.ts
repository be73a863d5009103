import { chown, lstat, mkdir, realpath, rmdir, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Random } from '../../lib/random.ts';
import { StartupError } from '../../lib/startup-error.ts';
import type { RuntimeUser } from './runtime-user.ts';
import { isReachableBy, isTrustedDirectory } from './trusted-path.ts';

/** Only a part of the socket's file name: PostgreSQL listens on no network address. */
export const SOCKET_PORT = 5432;

const SOCKET_NAME = `.s.PGSQL.${SOCKET_PORT}`;
/** The kernel's limit for the path of a socket is 104 bytes on macOS and 108 on Linux. */
const MAX_SOCKET_PATH_BYTES = 100;
const OWN_NAME = /^tooken-[0-9a-f]{16}$/;

/**
 * Makes a new private directory for the socket. It is under the system's temporary directory, not the data directory,
 * whose path may be longer than a socket's path can be. The name is unpredictable and must not exist, so nobody can
 * have prepared it.
 */
export async function createSocketDirectory(user: RuntimeUser, random: Random): Promise<string> {
  const name = `tooken-${random.bytes(8).toString('hex')}`;
  for (const parent of [tmpdir(), '/tmp', '/var/tmp', '/run']) {
    const directory = join(await realpath(parent).catch(() => parent), name);
    if (!isUsableSocketPath(directory)) continue;
    if (!(await isTrustedDirectory(parent)) || !(await isReachableBy(user, parent))) continue;
    try {
      await mkdir(directory, { mode: 0o700 });
    } catch {
      continue;
    }
    if (!user.isSelf) await chown(directory, user.uid, user.gid);
    if (await isPrivateTo(user, directory)) return directory;
  }
  throw new StartupError(
    'There is no temporary directory that is safe and short enough for the socket of the embedded PostgreSQL; ' +
      'set TMPDIR to one, or set DATABASE_URL.',
  );
}

/** Removes what `createSocketDirectory` made, and nothing else: the name may come from a file that others wrote. */
export async function removeSocketDirectory(user: RuntimeUser, directory: string): Promise<void> {
  if (!OWN_NAME.test(basename(directory)) || !(await isPrivateTo(user, directory))) return;
  await unlink(join(directory, SOCKET_NAME)).catch(() => {});
  await unlink(join(directory, `${SOCKET_NAME}.lock`)).catch(() => {});
  await rmdir(directory).catch(() => {});
}

function isUsableSocketPath(directory: string): boolean {
  // The setting is a list with its own quoting; plain paths need none.
  return /^[\w./+-]+$/.test(directory) && Buffer.byteLength(join(directory, SOCKET_NAME)) < MAX_SOCKET_PATH_BYTES;
}

async function isPrivateTo(user: RuntimeUser, directory: string): Promise<boolean> {
  const found = await lstat(directory).catch(() => undefined);
  return found !== undefined && found.isDirectory() && found.uid === user.uid && (found.mode & 0o077) === 0;
}

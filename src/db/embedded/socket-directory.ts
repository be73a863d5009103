import { chown, lstat, mkdir, realpath, rmdir, unlink } from 'node:fs/promises';
import { createServer } from 'node:net';
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
const TEMPORARY_NAME = /^tooken-[0-9a-f]{16}$/;

/** A directory that is closed to all but the runtime user (and root), with the server's socket in it. */
export interface SocketDirectory {
  /** What clients connect to. */
  readonly path: string;
  /** What the server is told: it may not be able to walk down the path. */
  readonly serverName: string;
}

/**
 * Chooses where the socket goes: into the cluster directory, which is private already; or, if that path is too long for
 * a socket or its file system has no sockets, into a new directory under the system's temporary directory.
 */
export async function prepareSocketDirectory(
  cluster: string,
  user: RuntimeUser,
  random: Random,
): Promise<SocketDirectory> {
  // The rest of a server that was killed; its pid in the lock file may by now belong to someone else.
  await removeSocket(cluster);
  if (fitsSocket(cluster) && (await holdsSockets(cluster, random))) return { path: cluster, serverName: '.' };
  const path = await createTemporaryDirectory(user, random);
  return { path, serverName: path };
}

/** Removes a temporary directory as made above, and nothing else: the name may come from a file that others wrote. */
export async function removeSocketDirectory(user: RuntimeUser, path: string): Promise<void> {
  if (!TEMPORARY_NAME.test(basename(path)) || !(await isPrivateTo(user, path))) return;
  await removeSocket(path);
  await rmdir(path).catch(() => {});
}

/** The name is unpredictable and must not exist, so nobody can have prepared it. */
async function createTemporaryDirectory(user: RuntimeUser, random: Random): Promise<string> {
  const name = `tooken-${random.bytes(8).toString('hex')}`;
  for (const parent of [tmpdir(), '/tmp', '/var/tmp', '/run']) {
    const path = join(await realpath(parent).catch(() => parent), name);
    // The server's setting is a list with its own quoting; plain paths need none.
    if (!fitsSocket(path) || !/^[\w./+-]+$/.test(path)) continue;
    if (!(await isTrustedDirectory(parent)) || !(await isReachableBy(user, parent))) continue;
    try {
      await mkdir(path, { mode: 0o700 });
    } catch {
      continue;
    }
    if (!user.isSelf) await chown(path, user.uid, user.gid);
    if (await isPrivateTo(user, path)) return path;
  }
  throw new StartupError(
    'The path of the data directory is too long for a socket and no temporary directory is safe for one; ' +
      'choose a TOOKEN_DATA_DIR with a shorter path, or set TMPDIR to a directory that only you can write.',
  );
}

function fitsSocket(directory: string): boolean {
  return Buffer.byteLength(join(directory, SOCKET_NAME)) < MAX_SOCKET_PATH_BYTES;
}

/** Some mounts, such as a host's directory in a virtual machine, refuse sockets. */
function holdsSockets(directory: string, random: Random): Promise<boolean> {
  const path = join(directory, `.s.${random.bytes(4).toString('hex')}`);
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(path, () => server.close(() => resolve(true)));
  });
}

async function removeSocket(directory: string): Promise<void> {
  await unlink(join(directory, SOCKET_NAME)).catch(() => {});
  await unlink(join(directory, `${SOCKET_NAME}.lock`)).catch(() => {});
}

async function isPrivateTo(user: RuntimeUser, directory: string): Promise<boolean> {
  const found = await lstat(directory).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === user.uid && (found.mode & 0o077) === 0;
}

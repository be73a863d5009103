/**
 * Files in the cluster directory. It belongs to the user that PostgreSQL runs as, who can put there what it likes. As
 * root we must not be its hands: through a link in place of a file we would read, overwrite or give away what it may not
 * touch itself.
 */
import { constants } from 'node:fs';
import { open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Random } from '../../lib/random.ts';
import type { RuntimeUser } from './runtime-user.ts';

const MAX_BYTES = 64 * 1024;

/** The text of a plain file that belongs to the owner of its directory; undefined if there is no such file. */
export async function readClusterFile(path: string): Promise<string | undefined> {
  // Without blocking: opening a pipe would wait for whoever made it.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const [found, directory] = await Promise.all([file.stat(), stat(dirname(path))]);
    const isOfTheirs = found.isFile() && found.uid === directory.uid && found.size <= MAX_BYTES;
    return isOfTheirs ? await file.readFile('utf8') : undefined;
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

/** Makes the file hold `text` and belong to the user. A crash leaves the old file or the new one, never an empty one. */
export async function replaceClusterFile(path: string, text: string, user: RuntimeUser, random: Random): Promise<void> {
  const temporary = `${path}.${random.bytes(6).toString('hex')}`;
  // Exclusively, which also follows no link; and from here on by the handle, whatever becomes of the name.
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
    if (!user.isSelf) await file.chown(user.uid, user.gid);
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  } finally {
    await file.close();
  }
}

import { lstat, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RuntimeUser } from './runtime-user.ts';

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/**
 * Whether nobody but root and ourselves can replace anything on the way to this directory, so that what we make in it
 * stays what we made. A sticky directory such as /tmp qualifies: others add to it but cannot touch what is ours.
 */
export async function isTrustedDirectory(path: string): Promise<boolean> {
  const self = process.geteuid?.();
  return everyAncestor(path, ({ uid, mode }) => {
    const isOurs = uid === 0 || uid === self;
    return isOurs && ((mode & WRITABLE_BY_OTHERS) === 0 || (mode & STICKY) !== 0);
  });
}

/** Whether the user may pass through this directory and all above it. Access lists are not considered. */
export async function isReachableBy(user: RuntimeUser, path: string): Promise<boolean> {
  return everyAncestor(path, ({ uid, gid, mode }) => {
    if (uid === user.uid) return (mode & 0o100) !== 0;
    if (gid === user.gid) return (mode & 0o010) !== 0;
    return (mode & 0o001) !== 0;
  });
}

async function everyAncestor(
  path: string,
  holds: (directory: { uid: number; gid: number; mode: number }) => boolean,
): Promise<boolean> {
  try {
    for (let directory = await realpath(path); ; directory = dirname(directory)) {
      const found = await lstat(directory);
      if (!found.isDirectory() || !holds(found)) return false;
      if (directory === dirname(directory)) return true;
    }
  } catch {
    return false;
  }
}

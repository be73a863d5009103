/**
 * A lock file: at most one live process holds it, and one that died without releasing it does not block the next.
 *
 * The file is JSON, `{"pid":4711,"start":"…","token":"…"}`. It appears complete and exclusively, by `link` from a
 * temporary file. It is replaced only by the holder of a second lock, whose name contains the token of the dead holder:
 * so of all who find the same dead holder exactly one replaces it, and who was slow finds another token and starts over.
 */
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../lib/random.ts';
import { isSameProcess, processStart } from './process-identity.ts';

export interface LockHolder {
  readonly pid: number;
  readonly start: string;
  readonly token: string;
}

type LockOutcome =
  | { readonly acquired: true; readonly release: () => Promise<void> }
  | { readonly acquired: false; readonly holder: LockHolder };

/** Takes the lock, or tells which live process has it. */
export async function acquireLock(path: string, random: Random): Promise<LockOutcome> {
  const start = (await processStart(process.pid)) ?? '';
  const self = { pid: process.pid, start, token: random.bytes(12).toString('hex') };
  const holder = await claim(path, self);
  if (holder !== undefined) return { acquired: false, holder };
  return { acquired: true, release: () => unlink(path).catch(ignoreMissing) };
}

/** Which live process has the lock, if one has; takes nothing. */
export async function findLockHolder(path: string): Promise<LockHolder | undefined> {
  const holder = await readHolder(path);
  return holder !== undefined && (await isSameProcess(holder.pid, holder.start)) ? holder : undefined;
}

/** @returns the live holder, or `undefined` once `self` is in the file. */
async function claim(path: string, self: LockHolder): Promise<LockHolder | undefined> {
  for (;;) {
    if (await createExclusively(path, self)) return undefined;
    const holder = await readHolder(path);
    if (holder === undefined) continue;
    if (await isSameProcess(holder.pid, holder.start)) return holder;

    const takeoverPath = `${path}.takeover-${holder.token}`;
    if ((await claim(takeoverPath, self)) !== undefined) {
      // Somebody alive is replacing it this very moment; look again at who it was.
      await sleep(10);
      continue;
    }
    try {
      // While we hold the takeover nobody else replaces this token; but it may have been replaced before.
      if ((await readHolder(path))?.token === holder.token) {
        await replace(path, self);
        return undefined;
      }
    } finally {
      await unlink(takeoverPath).catch(ignoreMissing);
    }
  }
}

async function createExclusively(path: string, self: LockHolder): Promise<boolean> {
  const temporary = await writeTemporary(path, self);
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(temporary);
  }
}

async function replace(path: string, self: LockHolder): Promise<void> {
  await rename(await writeTemporary(path, self), path);
}

async function writeTemporary(path: string, self: LockHolder): Promise<string> {
  const temporary = `${path}.${self.token}.tmp`;
  await writeFile(temporary, JSON.stringify(self), { mode: 0o600 });
  return temporary;
}

/** A file that a power cut left empty or torn counts as held by a process that is gone. */
async function readHolder(path: string): Promise<LockHolder | undefined> {
  const text = await readFile(path, 'utf8').catch(ignoreMissing);
  if (text === undefined) return undefined;
  try {
    const { pid, start, token } = JSON.parse(text) as Partial<LockHolder>;
    if (
      typeof pid === 'number' &&
      typeof start === 'string' &&
      typeof token === 'string' &&
      /^[0-9a-f]+$/.test(token)
    ) {
      return { pid, start, token };
    }
  } catch {
    // Falls through: not JSON.
  }
  return { pid: 0, start: '', token: 'unreadable' };
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}

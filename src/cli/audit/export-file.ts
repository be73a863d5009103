import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OutputError, UsageError } from '../exit-codes.ts';

/** A file that is there in whole or not at all. */
export interface FileInMaking {
  write(piece: Uint8Array): Promise<void>;
  /** Gives it its name, when all of it is on disk. */
  finish(): Promise<void>;
  /** Leaves nothing of it. */
  discard(): Promise<void>;
}

/**
 * Makes a file for its owner's eyes only. Until it is finished it has a name of its own beside `path`.
 *
 * @param suffix what makes that name unlike any other
 * @throws UsageError if `path` exists and may not be replaced, or cannot be made
 */
export async function makeFile(
  path: string,
  { isReplacing, suffix }: { readonly isReplacing: boolean; readonly suffix: string },
): Promise<FileInMaking> {
  if (!isReplacing && (await exists(path))) throw taken(path);
  const partial = join(dirname(path), `.${basename(path)}.${suffix}.partial`);
  const file = await open(partial, 'wx', 0o600).catch((error: unknown) => {
    throw new UsageError(`cannot write to ${path}: ${reasonOf(error)}.`);
  });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await file.close();
    isOpen = false;
  };
  return {
    write: (piece) =>
      writeAll(file, piece).catch((error: unknown) => {
        throw new OutputError(`cannot write to ${path}: ${reasonOf(error)}.`);
      }),
    async finish() {
      await file.sync();
      await close();
      await (isReplacing ? rename(partial, path) : nameAnew(partial, path));
      await syncDirectory(dirname(path));
    },
    async discard() {
      await close();
      await rm(partial, { force: true });
    },
  };
}

async function writeAll(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let start = 0; start < piece.byteLength; ) {
    const { bytesWritten } = await file.write(piece, start);
    start += bytesWritten;
  }
}

/** Unlike a rename, a link does not replace what somebody has put there meanwhile. */
async function nameAnew(partial: string, path: string): Promise<void> {
  await link(partial, path).catch((error: unknown) => {
    throw codeOf(error) === 'EEXIST' ? taken(path) : error;
  });
  await rm(partial);
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => codeOf(error) !== 'ENOENT',
  );
}

function taken(path: string): UsageError {
  return new UsageError(`${path} exists. Choose another name, or give --force to replace it.`);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'its directory is none',
  EACCES: 'this user may not write there',
  EROFS: 'its file system is read-only',
  ENOSPC: 'the disk is full',
};

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return REASONS[code] ?? `writing fails with ${code}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}

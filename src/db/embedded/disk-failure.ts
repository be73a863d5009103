import { StartupError } from '../../lib/startup-error.ts';

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'this user may not read and write it; change its owner or choose another TOOKEN_DATA_DIR',
  EPERM: 'this user may not change it; change its owner or choose another TOOKEN_DATA_DIR',
  EROFS: 'its file system is read-only; choose another TOOKEN_DATA_DIR',
  ENOSPC: 'its disk is full; free some space or choose another TOOKEN_DATA_DIR',
  EDQUOT: 'the disk quota is used up; free some space or choose another TOOKEN_DATA_DIR',
  ENOTDIR: 'it is a file, or lies below one; remove the file or choose another TOOKEN_DATA_DIR',
  EEXIST: 'it is a file, or lies below one; remove the file or choose another TOOKEN_DATA_DIR',
  ENAMETOOLONG: 'its path is too long; choose another TOOKEN_DATA_DIR',
  ELOOP: 'its path is a loop of symbolic links; choose another TOOKEN_DATA_DIR',
  EIO: 'its disk reports an error; check the disk',
};

/** Turns a file system's refusal into the line an operator reads. Anything else is a fault of ours and stays as it is. */
export function explainDiskFailure(error: unknown, directory: string): unknown {
  if (error instanceof StartupError || !(error instanceof Error) || !('code' in error)) return error;
  const code = String(error.code);
  const advice = ADVICE[code] ?? `the system reports ${code}; check it or choose another TOOKEN_DATA_DIR`;
  return new StartupError(
    `Cannot use the data directory ${directory}: ${advice}, or set DATABASE_URL to use another PostgreSQL.`,
    { cause: error },
  );
}

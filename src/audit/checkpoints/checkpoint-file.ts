import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../lib/durable-file.ts';
import type { Random } from '../../lib/random.ts';
import { nameOfLog } from './log-name.ts';

/** The last checkpoint of each log, in a file of its own beside the database: the signed note as it was made. */
export interface CheckpointFiles {
  /** Undefined if there is none. Throws if it cannot be read. */
  read(logId: string): Promise<string | undefined>;
  /** Resolves when it is on disk. */
  write(logId: string, note: string): Promise<void>;
}

export function checkpointDirectory(dataDir: string): string {
  return join(dataDir, 'checkpoints');
}

export function openCheckpointFiles(dataDir: string, random: Random): CheckpointFiles {
  const directory = checkpointDirectory(dataDir);
  const pathOf = (logId: string) => join(directory, nameOfLog(logId));
  return {
    async read(logId) {
      try {
        return await readFile(pathOf(logId), 'utf8');
      } catch (error) {
        if (isAbsence(error)) return undefined;
        throw error;
      }
    },
    async write(logId, note) {
      await mkdir(directory, { recursive: true });
      await replaceFile(pathOf(logId), note, random);
    },
  };
}

/** The directory may be none, too. Whatever else keeps the file from being read does not say that there is none. */
function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

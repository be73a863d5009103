import { linkSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { syncDirectory, writeNewFile } from '../lib/durable-file.ts';
import type { Random } from '../lib/random.ts';
import { StartupError } from '../lib/startup-error.ts';
import { MASTER_KEY_BYTES } from './master-key.ts';

const FILE_NAME = 'master.key';

/** The text of the master key kept in the data directory, or undefined if there is none yet. */
export function readMasterKeyFile(dataDir: string): string | undefined {
  try {
    return readFileSync(masterKeyPath(dataDir), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new StartupError(`${masterKeyPath(dataDir)} cannot be read. Check that this user may read it.`);
  }
}

export function masterKeyPath(dataDir: string): string {
  return join(dataDir, FILE_NAME);
}

/**
 * Makes a master key and keeps it in the data directory, readable by its owner alone. The file appears whole and on
 * disk, or not at all: everything in the database hangs on it.
 */
export function writeMasterKeyFile(dataDir: string, random: Random): string {
  const text = `${random.bytes(MASTER_KEY_BYTES).toString('base64')}\n`;
  const path = masterKeyPath(dataDir);
  const temporary = `${path}.${random.bytes(6).toString('hex')}`;
  mkdirSync(dataDir, { recursive: true });
  writeNewFile(temporary, text);
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    // Somebody who started at the same moment was first: theirs is the key.
    return readFileSync(path, 'utf8');
  } finally {
    rmSync(temporary);
  }
  syncDirectory(dataDir);
  return text;
}

import { open, readFile } from 'node:fs/promises';
import type { Random } from '../../lib/random.ts';
import { StartupError } from '../../lib/startup-error.ts';
import { credentialsPath } from './data-directory.ts';

export const DATABASE_NAME = 'tooken';
export const OWNER_ROLE = 'tooken_owner';
export const APP_ROLE = 'tooken_app';

/** The passwords of the two roles. base64url: they need no quoting in SQL or in a URL. */
export interface Credentials {
  readonly ownerPassword: string;
  readonly appPassword: string;
}

/** Draws new passwords and writes them where only our own user reads them. */
export async function createCredentials(database: string, random: Random): Promise<Credentials> {
  const credentials = {
    ownerPassword: random.bytes(24).toString('base64url'),
    appPassword: random.bytes(24).toString('base64url'),
  };
  const file = await open(credentialsPath(database), 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(credentials)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return credentials;
}

/** @throws StartupError if the file is damaged; nothing else knows the passwords. */
export async function readCredentials(database: string): Promise<Credentials> {
  const path = credentialsPath(database);
  const text = await readFile(path, 'utf8');
  try {
    const { ownerPassword, appPassword } = JSON.parse(text) as Partial<Credentials>;
    if (typeof ownerPassword === 'string' && typeof appPassword === 'string') return { ownerPassword, appPassword };
  } catch {
    // Falls through: not JSON. The parser's own message would quote the content.
  }
  throw new StartupError(`The file ${path} is damaged; restore it from a backup.`);
}

import { decodeMasterKey } from '../config/secrets.ts';
import type { Database } from '../db/connection.ts';
import type { IdSource } from '../lib/ids.ts';
import { StartupError } from '../lib/startup-error.ts';
import { createMasterKey, type MasterKey } from './master-key.ts';
import { masterKeyPath, readMasterKeyFile, writeMasterKeyFile } from './master-key-file.ts';
import { insertFingerprint, selectFingerprint } from './store.ts';

interface InstallationOptions {
  readonly db: Database;
  /** The key from the environment; undefined with the embedded database, whose key lies in the data directory. */
  readonly masterKey: Buffer | undefined;
  readonly dataDir: string;
}

/**
 * The master key of this installation. The first start ties the database to its key; from then on any other key is
 * refused, since under it every credential would look unknown.
 */
export async function openInstallation(
  { db, masterKey, dataDir }: InstallationOptions,
  { clock, random }: IdSource,
): Promise<MasterKey> {
  const known = await selectFingerprint(db);
  const source = masterKey === undefined ? masterKeyPath(dataDir) : 'TOOKEN_MASTER_KEY';
  const key = createMasterKey(masterKey ?? readOrMakeKey(dataDir, { mayMake: known === undefined, random }));
  if (known === undefined) await insertFingerprint(db, key.fingerprint, clock.now());
  if ((known ?? (await selectFingerprint(db))) === key.fingerprint) return key;
  throw new StartupError(
    `${source}: is not the master key of this database. Use the key it was first started with; without it no credential can be checked.`,
  );
}

function readOrMakeKey(dataDir: string, { mayMake, random }: { mayMake: boolean } & Pick<IdSource, 'random'>): Buffer {
  const path = masterKeyPath(dataDir);
  const text = readMasterKeyFile(dataDir) ?? (mayMake ? writeMasterKeyFile(dataDir, random) : undefined);
  if (text === undefined) {
    throw new StartupError(
      `${path}: is missing, and this database belongs to a master key. Restore the file, or set TOOKEN_MASTER_KEY.`,
    );
  }
  return decodeMasterKey(path, text);
}

import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError } from '../../lib/startup-error.ts';
import type { ConnectionTarget } from '../connection.ts';
import { APP_ROLE, DATABASE_NAME, OWNER_ROLE, readCredentials } from './credentials.ts';
import { clusterPath, type DataDirectory, findDataDirectory, readClusterState } from './data-directory.ts';
import { findLockHolder } from './directory-lock.ts';
import { explainDiskFailure } from './disk-failure.ts';
import { findPostmaster, readPostmasterFile } from './postmaster.ts';
import { SOCKET_PORT } from './socket-directory.ts';

/** An embedded PostgreSQL that another process runs. It may stop at any time, as any server may. */
export interface JoinedPostgres {
  readonly owner: ConnectionTarget;
  readonly app: ConnectionTarget;
}

const POLL_MS = 50;
/** Two minutes: a first start, or the recovery after a crash, may be under way. */
const MAX_POLLS = 2_400;

/**
 * Where the server is that a live process runs on this data directory, once it accepts connections; undefined if no
 * process has the directory, and so a launch would succeed. Makes and changes nothing.
 *
 * @throws StartupError if the directory cannot be read, or its server does not become ready
 */
export async function joinEmbeddedPostgres({
  dataDir,
}: {
  readonly dataDir: string;
}): Promise<JoinedPostgres | undefined> {
  const path = resolve(dataDir);
  try {
    const data = await findDataDirectory(path);
    return data && (await joinHolder(data));
  } catch (error) {
    throw explainDiskFailure(error, path);
  }
}

/** Whether a launch would find a database, rather than make one. */
export async function hasEmbeddedDatabase({ dataDir }: { readonly dataDir: string }): Promise<boolean> {
  const path = resolve(dataDir);
  try {
    const data = await findDataDirectory(path);
    return data !== undefined && (await readClusterState(data)) !== undefined;
  } catch (error) {
    throw explainDiskFailure(error, path);
  }
}

async function joinHolder(data: DataDirectory): Promise<JoinedPostgres | undefined> {
  for (let poll = 0; poll < MAX_POLLS; poll += 1) {
    const holder = await findLockHolder(data.lock);
    if (holder === undefined) return undefined;
    const host = await readySocketDirectory(clusterPath(data.database));
    if (host !== undefined) return targetsAt(host, data);
    await sleep(POLL_MS);
  }
  throw new StartupError(
    `The data directory ${data.root} is in use, and its database does not become ready; look at the log in ${data.database}.`,
  );
}

/** Where clients find the server of this cluster, if it runs and accepts connections. */
async function readySocketDirectory(cluster: string): Promise<string | undefined> {
  if ((await findPostmaster(cluster)) === undefined) return undefined;
  const file = await readPostmasterFile(cluster);
  // The server may have been told a name relative to the cluster, where it works.
  return file?.isReady === true ? resolve(cluster, file.socketDirectory) : undefined;
}

async function targetsAt(host: string, data: DataDirectory): Promise<JoinedPostgres> {
  const credentials = await readCredentials(data.database);
  const address = { host, port: SOCKET_PORT, database: DATABASE_NAME };
  return {
    owner: { ...address, user: OWNER_ROLE, password: credentials.ownerPassword },
    app: { ...address, user: APP_ROLE, password: credentials.appPassword },
  };
}

/**
 * Runs a real PostgreSQL for a service that was not given one: finds the programs, makes the cluster once, starts the
 * server on a private unix socket, and stops it.
 */
import { resolve } from 'node:path';
import { systemRandom } from '../../lib/random.ts';
import { StartupError } from '../../lib/startup-error.ts';
import type { ConnectionTarget } from '../connection.ts';
import { findBinaries } from './binaries.ts';
import { createCluster } from './cluster.ts';
import { APP_ROLE, DATABASE_NAME, OWNER_ROLE, readCredentials } from './credentials.ts';
import {
  clusterPath,
  type DataDirectory,
  giveTree,
  logPath,
  openDataDirectory,
  readClusterState,
  removeAbandonedStaging,
} from './data-directory.ts';
import { acquireLock } from './directory-lock.ts';
import { explainDiskFailure } from './disk-failure.ts';
import { stopOrphan } from './orphan.ts';
import { chooseRuntimeUser } from './runtime-user.ts';
import { boundServerLog } from './server-log.ts';
import { prepareSocketDirectory, removeSocketDirectory, SOCKET_PORT } from './socket-directory.ts';
import { superviseServer } from './supervisor.ts';

export interface EmbeddedPostgres {
  /** The role that migrates: superuser of the cluster and owner of the database. */
  readonly owner: ConnectionTarget;
  /** The role that serves: it owns nothing and has the rights that migrations grant it. */
  readonly app: ConnectionTarget;
  /** Disconnects all clients, writes everything and waits until the server is gone. May be called again. */
  stop(): Promise<void>;
}

interface LaunchOptions {
  /** `TOOKEN_DATA_DIR`; made if it is missing. */
  readonly dataDir: string;
  /** Whether what was committed survives a power cut; `false` only for tests. */
  readonly durable?: boolean;
  /** How many connections the server has to take, at least; it takes 100 anyway. */
  readonly maxConnections?: number;
  /** Hears what takes long or went wrong, a line at a time. */
  readonly onProgress?: (line: string) => void;
}

/** Another live process runs a server on the directory, or is about to. */
export class DataDirectoryInUse extends StartupError {}

/**
 * Starts the embedded PostgreSQL, after whatever the last run left: nothing yet, a clean shutdown, a crash, or a server
 * that outlived its service. If the server dies later it is started again at the same address.
 *
 * @throws StartupError if the directory is in use, cannot be written, or no PostgreSQL fits it
 */
export async function launchEmbeddedPostgres(options: LaunchOptions): Promise<EmbeddedPostgres> {
  const path = resolve(options.dataDir);
  try {
    const data = await openDataDirectory(path);
    const lock = await acquireLock(data.lock, systemRandom);
    if (!lock.acquired) {
      throw new DataDirectoryInUse(
        `The data directory ${path} is in use by process ${lock.holder.pid}; stop it, choose another TOOKEN_DATA_DIR, or use DATABASE_URL.`,
      );
    }
    try {
      return await launchLocked(data, options, lock.release);
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    throw explainDiskFailure(error, path);
  }
}

async function launchLocked(
  data: DataDirectory,
  { durable = true, maxConnections = 0, onProgress = () => {} }: LaunchOptions,
  release: () => Promise<void>,
): Promise<EmbeddedPostgres> {
  await removeAbandonedStaging(data);
  const state = await readClusterState(data);
  const user = await chooseRuntimeUser(state?.owner);
  const binaries = await findBinaries(user, state?.major, systemRandom);
  const cluster = clusterPath(data.database);
  if (state === undefined) {
    onProgress(`Creating the embedded database in ${data.database}`);
    await createCluster({ data, binaries, user, durable, random: systemRandom });
  } else {
    if (state.owner.uid !== user.uid) await giveTree(user, cluster);
    await stopOrphan(cluster, user, systemRandom);
  }
  const credentials = await readCredentials(data.database);

  const socket = await prepareSocketDirectory(cluster, user, systemRandom);
  const unboundLog = boundServerLog(logPath(data.database));
  const cleanUp = async (): Promise<void> => {
    unboundLog();
    await removeSocketDirectory(user, socket.path);
  };
  const server = await superviseServer(
    { binaries, user, database: data.database, socket, durable, maxConnections },
    onProgress,
  ).catch(async (error: unknown) => {
    await cleanUp();
    throw error;
  });

  const stop = async (): Promise<void> => {
    await server.stop();
    await cleanUp();
    // Last: whoever gets the lock finds nothing of ours running.
    await release();
  };
  let stopped: Promise<void> | undefined;
  const address = { host: socket.path, port: SOCKET_PORT, database: DATABASE_NAME };
  return {
    owner: { ...address, user: OWNER_ROLE, password: credentials.ownerPassword },
    app: { ...address, user: APP_ROLE, password: credentials.appPassword },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

import { StartupError } from '../lib/startup-error.ts';
import { type ConnectionTarget, type DatabasePool, type DatabaseTarget, openPool } from './connection.ts';
import { joinEmbeddedPostgres } from './embedded/join.ts';
import { launchEmbeddedPostgres } from './embedded/launch.ts';
import { explainConnection } from './explain-connection.ts';
import { migrate } from './migrate.ts';

export interface OpenDatabaseOptions {
  /** Undefined: the embedded database under `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** The owner role, where the service's own may not migrate. */
  readonly migrationDatabaseUrl: string | undefined;
  readonly dataDir: string;
  readonly maxConnections: number;
  /** How many processes of this service are to find room in the embedded server, each with as many connections; 1 unless given. */
  readonly processes?: number;
  /** Another process runs the embedded server, or will do so in a moment: join it, and leave it running. */
  readonly isJoining?: boolean;
  readonly onProgress?: (line: string) => void;
}

/** Closing it ends the connections, and the embedded server. */
export interface OpenDatabase extends DatabasePool {
  /** How many migrations were applied on opening. */
  readonly applied: number;
}

/** Opens the database, starting the embedded one if there is no other, and brings it up to this version. */
export async function openDatabase(options: OpenDatabaseOptions): Promise<OpenDatabase> {
  const { databaseUrl, migrationDatabaseUrl, maxConnections } = options;
  if (databaseUrl === undefined) return openEmbedded(options);
  const applied = await migrateReachable(migrationDatabaseUrl ?? databaseUrl, {
    variable: migrationDatabaseUrl === undefined ? 'DATABASE_URL' : 'MIGRATION_DATABASE_URL',
    ...(migrationDatabaseUrl !== undefined && { appRole: decodeURIComponent(new URL(databaseUrl).username) }),
  });
  const pool = openPool(databaseUrl, { maxConnections, applicationName: 'tooken' });
  return { ...pool, applied };
}

/** A server that this process has launched, or has joined and leaves to another. */
interface EmbeddedServer {
  readonly owner: ConnectionTarget;
  readonly app: ConnectionTarget;
  stop(): Promise<void>;
}

/** Connections that a process has beside its pool: to renew its lease, to listen, to look up, to record, to migrate. */
const OWN_CONNECTIONS = 10;
/** How many connections so many processes open at most, each with a pool of `maxConnections`. */
export function connectionsNeeded(processes: number, maxConnections: number): number {
  return processes * (maxConnections + OWN_CONNECTIONS);
}

/** For the commands of operators, and the server's own superuser. */
const RESERVED_CONNECTIONS = 20;

async function openEmbedded(options: OpenDatabaseOptions): Promise<OpenDatabase> {
  const { maxConnections } = options;
  const server = await (options.isJoining === true ? joinServer(options) : launchServer(options));
  try {
    const { applied } = await migrate(server.owner, server.app.user);
    const pool = openPool(server.app, { maxConnections, applicationName: 'tooken' });
    const close = async () => {
      await pool.close();
      await server.stop();
    };
    return { ...pool, applied, close };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function launchServer({ dataDir, maxConnections, processes = 1, onProgress }: OpenDatabaseOptions) {
  const needed = connectionsNeeded(processes, maxConnections) + RESERVED_CONNECTIONS;
  return launchEmbeddedPostgres({ dataDir, maxConnections: needed, ...(onProgress && { onProgress }) });
}

async function joinServer({ dataDir }: OpenDatabaseOptions): Promise<EmbeddedServer> {
  const server = await joinEmbeddedPostgres({ dataDir });
  if (server === undefined) throw new StartupError(`No process runs the embedded database in ${dataDir} any more.`);
  return { ...server, stop: async () => {} };
}

async function migrateReachable(
  target: DatabaseTarget,
  { variable, appRole }: { variable: string; appRole?: string },
): Promise<number> {
  try {
    return (await migrate(target, appRole)).applied;
  } catch (error) {
    throw explainConnection(error, variable);
  }
}

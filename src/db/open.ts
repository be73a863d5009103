import { type DatabasePool, type DatabaseTarget, openPool } from './connection.ts';
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

async function openEmbedded({ dataDir, maxConnections, onProgress }: OpenDatabaseOptions): Promise<OpenDatabase> {
  const server = await launchEmbeddedPostgres({ dataDir, ...(onProgress && { onProgress }) });
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

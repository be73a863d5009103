import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError } from '../lib/startup-error.ts';
import { type ConnectionTarget, openPool } from './connection.ts';
import { hasEmbeddedDatabase, joinEmbeddedPostgres } from './embedded/join.ts';
import { DataDirectoryInUse, launchEmbeddedPostgres } from './embedded/launch.ts';
import { shareServer, stopUnshared } from './embedded/share.ts';
import { isDatabaseUnavailable } from './errors.ts';
import { explainConnection } from './explain-connection.ts';
import { migrate, requireMigrated } from './migrate.ts';
import { type OpenDatabase, type OpenDatabaseOptions, openDatabase } from './open.ts';

export interface AttachOptions extends OpenDatabaseOptions {
  /**
   * `set_up` makes the embedded database if there is none and migrates; `use` refuses what is not set up; `inspect` takes
   * what there is as it is.
   */
  readonly purpose: 'set_up' | 'use' | 'inspect';
}

const RETRY_PAUSE_MS = 100;
/** Half a minute, in which a server that is being stopped or started is done with it. */
const MAX_ATTEMPTS = 300;

/**
 * Opens the database for one command. The embedded one may be in use by a service, which the command then joins, or by
 * nobody, and then it runs for as long as the command needs it.
 */
export async function attachDatabase(options: AttachOptions): Promise<OpenDatabase> {
  const { databaseUrl, purpose } = options;
  if (databaseUrl === undefined) return attachEmbedded(options);
  if (purpose === 'set_up') return openDatabase(options);
  try {
    if (purpose === 'use') await requireMigrated(databaseUrl);
  } catch (error) {
    throw explainConnection(error, 'DATABASE_URL');
  }
  return { ...openPool(databaseUrl, poolOptions(options)), applied: 0 };
}

/** The server may come or go between looking for it and reaching it: then look again. */
async function attachEmbedded(options: AttachOptions): Promise<OpenDatabase> {
  for (let attempt = 1; ; attempt += 1) {
    const attached = (await joinServer(options)) ?? (await launchServer(options));
    if (attached !== undefined) return attached;
    if (attempt === MAX_ATTEMPTS) {
      throw new StartupError('The embedded database is being stopped or started all the time. Try again later.');
    }
    await sleep(RETRY_PAUSE_MS);
  }
}

async function joinServer(options: AttachOptions): Promise<OpenDatabase | undefined> {
  const server = await joinEmbeddedPostgres(options);
  if (server === undefined) return undefined;
  try {
    const share = await shareServer(server.app);
    return await prepare(server, options, share.release);
  } catch (error) {
    if (isDatabaseUnavailable(error)) return undefined;
    throw error;
  }
}

async function launchServer(options: AttachOptions): Promise<OpenDatabase | undefined> {
  const { dataDir, purpose, onProgress } = options;
  if (purpose !== 'set_up' && !(await hasEmbeddedDatabase(options))) {
    throw new StartupError(
      `There is no database: DATABASE_URL is not set, and ${dataDir} holds none. Set DATABASE_URL, or TOOKEN_DATA_DIR to the directory of your service; \`tooken bootstrap\` makes a new one.`,
    );
  }
  try {
    const server = await launchEmbeddedPostgres({ dataDir, ...(onProgress && { onProgress }) });
    return await prepare(server, options, () => stopUnshared(server.app, server.stop));
  } catch (error) {
    // Another process was faster.
    if (error instanceof DataDirectoryInUse) return undefined;
    throw error;
  }
}

async function prepare(
  server: { readonly owner: ConnectionTarget; readonly app: ConnectionTarget },
  options: AttachOptions,
  leave: () => Promise<void>,
): Promise<OpenDatabase> {
  try {
    const applied = options.purpose === 'set_up' ? (await migrate(server.owner, server.app.user)).applied : 0;
    if (options.purpose === 'use') await requireMigrated(server.app);
    const pool = openPool(server.app, poolOptions(options));
    const close = async () => {
      try {
        await pool.close();
      } finally {
        await leave();
      }
    };
    return { ...pool, applied, close };
  } catch (error) {
    await leave();
    throw error;
  }
}

function poolOptions({ maxConnections }: AttachOptions) {
  return { maxConnections, applicationName: 'tooken-command' };
}

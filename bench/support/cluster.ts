import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type postgres from 'postgres';
import { type ConnectionTarget, connect } from '../../src/db/connection.ts';
import { launchEmbeddedPostgres } from '../../src/db/embedded/launch.ts';
import { migrate } from '../../src/db/migrate.ts';
import { type Place, pinProcess } from './machine.ts';
import { scratchDirectory } from './scratch.ts';

/** The embedded PostgreSQL with the settings that it has in production, fsync on, in a directory that goes away. */
export interface Cluster {
  readonly pid: number;
  readonly version: string;
  /** Where its processes run from now on. */
  pin(place: Place | undefined): void;
  /** A new database with our schema, or with nothing in it. */
  createDatabase(name: string, options?: { readonly isEmpty: boolean }): Promise<Database>;
  stop(): Promise<void>;
}

export interface Database {
  /** What the service runs as. */
  readonly app: ConnectionTarget;
  readonly owner: ConnectionTarget;
  /** Connections of the owner, for seeding and looking. */
  readonly sql: postgres.Sql;
  drop(): Promise<void>;
}

/** Several benchmarks run several services at once, each with a pool of its own. */
const MAX_CONNECTIONS = 300;

export async function startCluster(): Promise<Cluster> {
  const dataDir = scratchDirectory();
  const server = await launchEmbeddedPostgres({ dataDir, maxConnections: MAX_CONNECTIONS });
  const admin = connect(server.owner, { max: 1 });
  const pid = Number.parseInt(await readFile(join(dataDir, 'postgres', 'cluster', 'postmaster.pid'), 'utf8'), 10);
  const [row] = await admin<{ version: string }[]>`select current_setting('server_version') as version`;
  return {
    pid,
    version: row?.version ?? 'unknown',
    pin: (place) => pinProcess(pid, place),
    async createDatabase(name, { isEmpty } = { isEmpty: false }) {
      await admin.unsafe(`create database ${name}`);
      if (!isEmpty) await migrate({ ...server.owner, database: name }, server.app.user);
      return openDatabase(server, admin, name);
    },
    async stop() {
      await admin.end();
      await server.stop();
    },
  };
}

function openDatabase(
  { owner, app }: { readonly owner: ConnectionTarget; readonly app: ConnectionTarget },
  admin: postgres.Sql,
  database: string,
): Database {
  const sql = connect({ ...owner, database }, { max: 3 });
  return {
    app: { ...app, database },
    owner: { ...owner, database },
    sql,
    async drop() {
      await sql.end();
      await admin.unsafe(`drop database ${database} with (force)`);
    },
  };
}

/** `target` as a URL, for a process that takes `DATABASE_URL`. */
export function databaseUrl({ host, port, user, password, database }: ConnectionTarget): string {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `postgres://${login}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
}

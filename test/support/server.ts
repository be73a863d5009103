import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionTarget, connect } from '../../src/db/connection.ts';
import { launchEmbeddedPostgres } from '../../src/db/embedded/launch.ts';

/** A PostgreSQL server for a test run. `owner` may create databases and migrate; `app` is what the service runs as. */
export interface TestServer {
  readonly owner: ConnectionTarget;
  readonly app: ConnectionTarget;
}

export interface RunningTestServer extends TestServer {
  stop(): Promise<void>;
}

/** The server of `TEST_DATABASE_URL` when that is set, else a fresh cluster that is thrown away by `stop()`. */
export async function startTestServer(): Promise<RunningTestServer> {
  const url = process.env.TEST_DATABASE_URL;
  return url ? useServer(parseTarget(url)) : launchThrowaway();
}

async function launchThrowaway(): Promise<RunningTestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tooken-test-'));
  const { owner, app, stop } = await launchEmbeddedPostgres({ dataDir, durable: false });
  return {
    owner,
    app,
    async stop() {
      await stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Makes an application role of this run's own, or shares the given role when that may not make roles. */
async function useServer(owner: ConnectionTarget): Promise<RunningTestServer> {
  const app = { ...owner, user: `tooken_app_${crypto.randomUUID().slice(0, 8)}`, password: crypto.randomUUID() };
  const admin = connect(owner, { max: 1 });
  try {
    const [row] = await admin<{ may: boolean }[]>`
      select rolsuper or rolcreaterole as may from pg_roles where rolname = current_user`;
    if (row?.may !== true) return { owner, app: owner, stop: async () => {} };
    await admin.unsafe(`create role ${app.user} login password '${app.password}'`);
  } finally {
    await admin.end();
  }
  return { owner, app, stop: () => runAsOwner(owner, `drop role ${app.user}`) };
}

export async function runAsOwner(owner: ConnectionTarget, statement: string): Promise<void> {
  const admin = connect(owner, { max: 1 });
  try {
    await admin.unsafe(statement);
  } finally {
    await admin.end();
  }
}

/** Also those whose test file was killed before it could drop them: a role that still has rights somewhere cannot go. */
export async function dropDatabases(owner: ConnectionTarget, prefix: string): Promise<void> {
  const admin = connect(owner, { max: 1 });
  try {
    const left = await admin<{ name: string }[]>`
      select datname as name from pg_database where starts_with(datname, ${`${prefix}_`})`;
    for (const { name } of left) await admin.unsafe(`drop database ${name} with (force)`);
  } finally {
    await admin.end();
  }
}

function parseTarget(url: string): ConnectionTarget {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  return {
    host: searchParams.get('host') ?? hostname,
    port: Number(port || 5432),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)) || 'postgres',
  };
}

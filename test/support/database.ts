import { afterAll, inject } from 'vitest';
import type { ConnectionTarget } from '../../src/db/connection.ts';
import { runAsOwner } from './server.ts';

/** A migrated, empty database. Connect as `app`, as the service does; `owner` is for what only a migration may do. */
export interface TestDatabase {
  readonly app: ConnectionTarget;
  readonly owner: ConnectionTarget;
}

interface DatabaseOptions {
  readonly isEmpty?: boolean;
  readonly copyOf?: TestDatabase;
}

let created = 0;

/**
 * A database for the calling test file alone, dropped when the file ends. Call it at the top level of a file or of a
 * `describe`: `const database = await createTestDatabase();`. With `isEmpty` it is not migrated; as `copyOf` another it
 * is what that one is now, as from a backup, if nobody is connected to it.
 */
export async function createTestDatabase({ isEmpty = false, copyOf }: DatabaseOptions = {}): Promise<TestDatabase> {
  const { owner, app, prefix, template } = inject('testServer');
  created += 1;
  const database = `${prefix}_${process.pid}_${created}`;
  const original = copyOf?.app.database ?? (isEmpty ? 'template0' : template);
  await runAsOwner(owner, `create database ${database} template ${original}`);
  afterAll(() => runAsOwner(owner, `drop database if exists ${database} with (force)`));
  return { app: { ...app, database }, owner: { ...owner, database } };
}

/** `target` as a URL, for a process that takes `DATABASE_URL`. */
export function databaseUrl({ host, port, user, password, database }: ConnectionTarget): string {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return host.startsWith('/')
    ? `postgres://${login}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
    : `postgres://${login}@${host}:${port}/${database}`;
}

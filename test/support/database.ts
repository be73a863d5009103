import { afterAll, inject } from 'vitest';
import type { ConnectionTarget } from '../../src/db/connection.ts';
import { runAsOwner } from './server.ts';

/** A migrated, empty database. Connect as `app`, as the service does; `owner` is for what only a migration may do. */
export interface TestDatabase {
  readonly app: ConnectionTarget;
  readonly owner: ConnectionTarget;
}

let created = 0;

/**
 * A database for the calling test file alone, dropped when the file ends. Call it at the top level of a file or of a
 * `describe`: `const database = await createTestDatabase();`. With `isEmpty` it is not migrated.
 */
export async function createTestDatabase({ isEmpty = false } = {}): Promise<TestDatabase> {
  const { owner, app, prefix, template } = inject('testServer');
  created += 1;
  const database = `${prefix}_${process.pid}_${created}`;
  await runAsOwner(owner, `create database ${database} template ${isEmpty ? 'template0' : template}`);
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

import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openPool } from '../../src/db/connection.ts';
import { curlRequest } from '../support/curl.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { runAsOwner } from '../support/server.ts';
import { ServiceEnded, startService } from '../support/service-process.ts';

const database = await createTestDatabase();
const DATABASE_URL = databaseUrl(database.app);
const TOOKEN_MASTER_KEY = Buffer.alloc(32, 5).toString('base64');
const external = { DATABASE_URL, TOOKEN_MASTER_KEY };

const scratch: string[] = [];
async function scratchDir(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tooken-startup-'));
  scratch.push(path);
  return path;
}
afterAll(() => Promise.all(scratch.map((path) => rm(path, { recursive: true, force: true }))));

/** Starts a service that must not come up, and returns what it said. */
async function refusal(env: Record<string, string>): Promise<string> {
  const started = startService({ LOG_LEVEL: 'info', ...env });
  const ended = await started.then(
    async (service) => {
      await service.stop();
      throw new Error('the service came up');
    },
    (error: unknown) => error,
  );
  if (!(ended instanceof ServiceEnded)) throw ended;
  expect(ended.code).toBe(1);
  const complaints = ended.output.split('\n').filter((line) => line.startsWith('tooken: '));
  expect(complaints, ended.output).toHaveLength(1);
  expect(ended.output).not.toMatch(/^\s+at /m);
  expect(ended.output).not.toContain(TOOKEN_MASTER_KEY);
  return complaints[0] ?? '';
}

describe('a start that cannot succeed says why in one line and exits with 1', { timeout: 60_000 }, () => {
  it('a bad variable', async () => {
    expect(await refusal({ ...external, PORT: 'eighty' })).toBe(
      'tooken: PORT: must be a whole number from 0 to 65535. Example: PORT=8080',
    );
  });

  it('a port that is taken, before anything is made in the database', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    expect(await refusal({ ...external, PORT: port })).toContain(`PORT: ${port} on 127.0.0.1 is taken.`);
    other.close();
    const { db, close } = openPool(database.app, { maxConnections: 1, applicationName: 'tooken-test' });
    expect(await db.$client`select 1 from workspaces`).toHaveLength(0);
    await close();
  });

  it('a database that is away, without its password', async () => {
    const line = await refusal({ ...external, DATABASE_URL: 'postgres://tooken:hunter2@127.0.0.1:1/tooken' });
    expect(line).toMatch(/DATABASE_URL: the database cannot be reached \(ECONNREFUSED\)/);
    expect(line).not.toContain('hunter2');
  });

  it('a URL that cannot be read, or that asks for what is not there', async () => {
    const url = new URL(DATABASE_URL);
    expect(await refusal({ ...external, DATABASE_URL: url.href.replace(/:[^:@]*@/, ':100%@') })).toContain('write %25');
    url.searchParams.set('channel_binding', 'require');
    expect(await refusal({ ...external, DATABASE_URL: url.href })).toMatch(/DATABASE_URL: .*parameter.*\(42704\)/);
  });

  it.each([
    ['hangs up', () => ''],
    ['speaks another language', () => 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['hangs up during the log-in', () => 'R\0\0\0\x08\0\0\0\0'],
  ])('a database address where something %s', async (_, answer) => {
    const other = createServer((client) => {
      client.on('error', () => {}).once('data', () => client.end(answer(), 'latin1'));
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const line = await refusal({ ...external, DATABASE_URL: `postgres://tooken@127.0.0.1:${port}/tooken` });
    expect(line).toContain('DATABASE_URL: what listens there closed the connection (ECONNRESET).');
    other.close();
  });

  it('a role of the service that does not exist', async () => {
    const url = new URL(DATABASE_URL);
    url.username = 'no_such_role';
    const line = await refusal({
      ...external,
      DATABASE_URL: url.href,
      MIGRATION_DATABASE_URL: databaseUrl(database.owner),
    });
    expect(line).toBe('tooken: DATABASE_URL: the database server has no role no_such_role. Create it.');
  });

  it('a wrong password, user or database name', async () => {
    const url = new URL(DATABASE_URL);
    url.password = 'wrong';
    expect(await refusal({ ...external, DATABASE_URL: url.href })).toContain('refused the user or password');
    const other = { ...database.app, database: 'no_such_database' };
    expect(await refusal({ ...external, DATABASE_URL: databaseUrl(other) })).toContain('no database of that name');
  });

  it('the wrong master key', async () => {
    await (await startService(external)).stop();
    const line = await refusal({ ...external, TOOKEN_MASTER_KEY: Buffer.alloc(32, 6).toString('base64') });
    expect(line).toContain('TOOKEN_MASTER_KEY: is not the master key of this database.');
  });

  it('a database of a newer version', async () => {
    const newer = await createTestDatabase();
    await runAsOwner(
      newer.owner,
      `insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', 99999999999999)`,
    );
    const line = await refusal({ ...external, DATABASE_URL: databaseUrl(newer.app) });
    expect(line).toContain('A newer version of Tooken has migrated this database.');
  });

  it('a role that may not migrate an empty database', async () => {
    const empty = await createTestDatabase({ isEmpty: true });
    if (empty.app.user === empty.owner.user) return;
    const line = await refusal({ ...external, DATABASE_URL: databaseUrl(empty.app) });
    expect(line).toContain('MIGRATION_DATABASE_URL');
  });

  it('a data directory that is a file', async () => {
    const file = join(await scratchDir(), 'data');
    await writeFile(file, '');
    expect(await refusal({ TOOKEN_DATA_DIR: file })).toContain(file);
  });

  it.skipIf(process.getuid?.() === 0)('a data directory that cannot be written', async () => {
    const dataDir = await scratchDir();
    await chmod(dataDir, 0o500);
    expect(await refusal({ TOOKEN_DATA_DIR: dataDir })).toContain(dataDir);
  });
});

describe('a start with nothing but a data directory', { timeout: 60_000 }, () => {
  it('prints one API key once, keeps it working, refuses a second service, and never prints a secret again', async () => {
    const env = { TOOKEN_DATA_DIR: join(await scratchDir(), 'deep', 'data'), LOG_LEVEL: 'trace' };
    const first = await startService(env);
    const { apiKey } = first;
    if (apiKey === undefined) throw new Error('no API key was printed');
    expect(first.output().split(apiKey)).toHaveLength(3);

    expect(await refusal(env)).toContain('in use');

    const { method, url, headers, body = '' } = curlRequest(/curl[\s\S]*?\n\n/.exec(first.output())?.[0] ?? '');
    expect(url).toBe(`${first.url}/v1/tokens`);
    const issued = await fetch(url, { method, headers, body });
    expect(issued.status).toBe(201);
    expect(await first.stop()).toBe(0);

    const keyFile = join(env.TOOKEN_DATA_DIR, 'master.key');
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);

    const second = await startService(env);
    const authorization = `Bearer ${apiKey}`;
    expect((await fetch(`${second.url}/v1/whoami`, { headers: { authorization } })).status).toBe(200);
    await second.stop();
    const key = (await readFile(keyFile, 'utf8')).trim();
    for (const secret of [apiKey, key, 'tok_live_']) expect(second.output()).not.toContain(secret);

    await rm(keyFile);
    expect(await refusal(env)).toContain('master.key: is missing');
  });

  it('two services that start at once on one empty database print one key between them', async () => {
    const empty = await createTestDatabase();
    const env = { ...external, DATABASE_URL: databaseUrl(empty.app) };
    const services = await Promise.all([startService(env), startService(env)]);
    expect(services.filter(({ apiKey }) => apiKey !== undefined)).toHaveLength(1);
    await Promise.all(services.map((service) => service.stop()));
  });
});

import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type EmbeddedPostgres, launchEmbeddedPostgres } from '../../src/db/embedded/launch.ts';
import { processStart } from '../../src/db/embedded/process-identity.ts';
import { withConnection } from './query.ts';
import { scratch, serverPid } from './scratch.ts';

// Real processes on a busy machine: only a hang takes this long.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const launched: EmbeddedPostgres[] = [];

const launch = async (dataDir: string, durable = false): Promise<EmbeddedPostgres> => {
  const server = await launchEmbeddedPostgres({ dataDir, durable });
  launched.push(server);
  return server;
};

afterEach(async () => {
  for (const server of launched.splice(0)) await server.stop();
});

describe('the first start', () => {
  test('makes the data directory and a database that both roles reach', async () => {
    const { owner, app } = await launch(join(await scratch(), 'not/there/yet'));
    for (const target of [owner, app]) {
      const [row] = await withConnection(target, (sql) => sql`select current_user as role, current_database() as name`);
      expect(row).toEqual({ role: target.user, name: 'tooken' });
    }
  });

  test('leaves one complete directory, whose secrets only its owner reads', async () => {
    const dataDir = join(await scratch(), 'data');
    const { owner, app } = await launch(dataDir);
    expect((await readdir(dataDir)).toSorted()).toEqual(['postgres', 'postgres.lock']);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'postgres/credentials.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'postgres/cluster'))).mode & 0o777).toBe(0o700);
    expect(owner.password).not.toBe(app.password);
    const log = await readFile(join(dataDir, 'postgres/postgres.log'), 'utf8');
    for (const { password } of [owner, app]) {
      expect(password).toMatch(/^[\w-]{32}$/);
      expect(log).not.toContain(password);
    }
  });

  test('makes UTF-8 text that sorts by code point and a server that thinks in UTC', async () => {
    const { app } = await launch(await scratch());
    const [row] = await withConnection(
      app,
      (sql) => sql`
        select current_setting('server_encoding') as encoding, current_setting('timezone') as timezone,
               current_setting('data_checksums') as checksums,
               array(select x from unnest(array['b', 'B', 'a', 'é', 'Z']) x order by x) as sorted`,
    );
    expect(row).toEqual({ encoding: 'UTF8', timezone: 'UTC', checksums: 'on', sorted: ['B', 'Z', 'a', 'b', 'é'] });
  });

  test('clears away what a killed first start left', async () => {
    const dataDir = await scratch();
    await mkdir(join(dataDir, 'postgres.new-0123456789ab/cluster/base'), { recursive: true });
    await launch(dataDir);
    expect((await readdir(dataDir)).toSorted()).toEqual(['postgres', 'postgres.lock']);
  });
});

describe('a later start', () => {
  test('finds the data and the passwords of the one before', async () => {
    const dataDir = await scratch();
    const first = await launch(dataDir);
    await withConnection(first.owner, (sql) => sql`create table note as select 'kept' as body`);
    await first.stop();
    const second = await launch(dataDir);
    expect(second.app.password).toBe(first.app.password);
    expect(await withConnection(second.owner, (sql) => sql`select body from note`)).toMatchObject([{ body: 'kept' }]);
  });
});

describe('a running server', () => {
  test('writes to the disk before it acknowledges, unless told not to', async () => {
    const dataDir = await scratch();
    const settings = async ({ app }: EmbeddedPostgres): Promise<unknown> => {
      const [row] = await withConnection(
        app,
        (sql) => sql`
          select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
                 current_setting('full_page_writes') as pages`,
      );
      return row;
    };
    const durable = await launch(dataDir, true);
    expect(await settings(durable)).toEqual({ fsync: 'on', commit: 'on', pages: 'on' });
    await durable.stop();
    expect(await settings(await launch(dataDir, false))).toEqual({ fsync: 'off', commit: 'off', pages: 'off' });
  });

  test('listens on a unix socket in a private directory only', async () => {
    const { owner } = await launch(await scratch());
    const [row] = await withConnection(owner, (sql) => sql`select current_setting('listen_addresses') as addresses`);
    expect(row).toEqual({ addresses: '' });
    const directory = await stat(owner.host);
    expect(directory.isDirectory()).toBe(true);
    expect(directory.mode & 0o077).toBe(0);
  });

  test('works in a data directory whose path is longer than a socket path can be', async () => {
    const temporary = async (): Promise<string[]> =>
      (await readdir(tmpdir())).filter((name) => /^tooken-[0-9a-f]{16}$/.test(name));
    const server = await launch(join(await scratch(), 'x'.repeat(120), "quote ' and space"));
    expect(Buffer.byteLength(join(server.owner.host, '.s.PGSQL.5432'))).toBeLessThan(100);
    expect(await withConnection(server.app, (sql) => sql`select 1 as one`)).toMatchObject([{ one: 1 }]);
    await server.stop();
    expect((await temporary()).map((name) => join(tmpdir(), name))).not.toContain(server.owner.host);
  });

  test('is gone once stop has answered, however often it is called', async () => {
    const dataDir = await scratch();
    const server = await launch(dataDir);
    const pid = await serverPid(dataDir);
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    expect(await processStart(pid)).toBeUndefined();
    expect(await readdir(dataDir)).toEqual(['postgres']);
  });

  test('stops although clients are connected', async () => {
    const server = await launch(await scratch());
    await withConnection(server.app, async (sql) => {
      await sql`select 1`;
      await server.stop();
    });
  });
});

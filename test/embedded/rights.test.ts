import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type EmbeddedPostgres, launchEmbeddedPostgres } from '../../src/db/embedded/launch.ts';
import { withConnection } from './query.ts';

// Real processes on a busy machine: only a hang takes this long.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let dataDir: string;
let server: EmbeddedPostgres;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tooken-embedded-'));
  server = await launchEmbeddedPostgres({ dataDir, durable: false });
  await withConnection(server.owner, async (sql) => {
    await sql`create table secret (id int)`;
    await sql`create table granted (id int)`;
    await sql`grant insert, select on granted to tooken_app`;
  });
});

afterAll(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true });
});

describe('the application role', () => {
  test.each([
    ['create a table', 'create table public.own (id int)'],
    ['create a temporary table', 'create temporary table own (id int)'],
    ['create a schema', 'create schema own'],
    ['create a database', 'create database own'],
    ['create a role', 'create role other'],
    ['alter a table of the owner', 'alter table secret add column more int'],
    ['drop a table of the owner', 'drop table secret'],
    ['read a table that nobody granted', 'select * from secret'],
    ['change a table that it may only add to', 'update granted set id = 0'],
    ['become the owner', 'set role tooken_owner'],
    ['raise its own rights', 'alter role tooken_app superuser'],
    ['read a file of the server', "select pg_read_file('pg_hba.conf')"],
    ['run a program', "copy (select 1) to program 'true'"],
    ['change a setting of the server', 'alter system set fsync = off'],
  ])('cannot %s', async (_, statement) => {
    const attempt = withConnection(server.app, (sql) => sql.unsafe(statement));
    await expect(attempt).rejects.toMatchObject({ code: '42501' });
  });

  test('cannot create a table in a database made from the template either', async () => {
    await withConnection(server.owner, (sql) => sql`create database copy`);
    const attempt = withConnection({ ...server.app, database: 'copy' }, (sql) => sql`create table public.own (id int)`);
    await expect(attempt).rejects.toMatchObject({ code: '42501' });
  });

  test('uses what it was granted', async () => {
    await withConnection(server.app, (sql) => sql`insert into granted values (7)`);
    expect(await withConnection(server.app, (sql) => sql`select id from granted`)).toMatchObject([{ id: 7 }]);
  });
});

describe('the server', () => {
  test.each([
    ['a wrong password', { password: 'wrong' }],
    ['no password', { password: '' }],
    ["the other role's password", { user: 'tooken_app' }],
    ['a role that does not exist', { user: 'postgres' }],
  ])('refuses %s', async (_, change) => {
    const attempt = withConnection({ ...server.owner, ...change }, (sql) => sql`select 1`);
    await expect(attempt).rejects.toMatchObject({ code: '28P01' });
  });
});

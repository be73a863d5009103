import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { attachDatabase } from '../../src/db/attach.ts';
import { connect } from '../../src/db/connection.ts';
import { findPostmaster } from '../../src/db/embedded/postmaster.ts';
import { diagnose } from '../../src/operator/doctor/diagnose.ts';
import { startSmtpServer } from '../mail/smtp-world.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { runAsOwner } from '../support/server.ts';
import { type ServiceProcess, startService } from '../support/service-process.ts';
import { tooken } from './command-line.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const MASTER_KEY = Buffer.alloc(32, 21).toString('base64');
const database = await createTestDatabase();
const env = {
  NODE_ENV: 'production',
  DATABASE_URL: databaseUrl(database.app),
  TOOKEN_MASTER_KEY: MASTER_KEY,
  TOOKEN_PUBLIC_URL: 'https://tooken.example.com',
  TOOKEN_TRUST_PROXY: '10.0.0.7',
  // Nothing of ours listens there.
  PORT: '1',
};
const directory = await mkdtemp(join(tmpdir(), 'tooken-doctor-'));
afterAll(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));

const look = (change: Record<string, string> = {}) =>
  diagnose({ env: { ...env, ...change }, signal: new AbortController().signal, onProgress: () => {} });

/** What a diagnosis says, by the name of the check. */
async function findings(change?: Record<string, string>) {
  return new Map((await look(change)).checks.map(({ check, ...finding }) => [check, finding]));
}

/** All that the database holds. */
async function stateOf(): Promise<unknown> {
  const sql = connect(database.owner, { max: 1 });
  try {
    const tables = await sql<{ name: string }[]>`
      select tablename as name from pg_tables where schemaname = 'public' order by tablename`;
    const rows = [];
    for (const { name } of tables) rows.push([name, await sql`select * from ${sql(name)}`]);
    return rows;
  } finally {
    await sql.end();
  }
}

describe('a database that nobody has used yet', () => {
  test('is well, and the doctor leaves it as it is', async () => {
    const before = await stateOf();
    const { level, checks, left_out } = await look();
    expect(checks.filter((check) => check.level === 'problem')).toEqual([]);
    expect(level).not.toBe('problem');
    expect(left_out).toEqual([]);
    expect(await stateOf()).toEqual(before);
  });

  test('belongs to no key yet, and no replica runs', async () => {
    const found = await findings();
    expect(found.get('master key')?.found).toContain('belongs to none yet');
    expect(found.get('replicas')).toEqual({ level: 'ok', found: 'None runs.' });
    expect(found.get('port')?.found).toContain('Nothing listens at http://127.0.0.1:1');
  });
});

describe('a mail server', () => {
  test('is asked whether it takes mail from here, and its password is not shown', async () => {
    const { port, close } = await startSmtpServer();
    const mail = { SMTP_URL: `smtp://127.0.0.1:${port}`, SMTP_FROM: 'tooken@example.com' };
    expect((await findings(mail)).get('mail')).toEqual({
      level: 'ok',
      found: `127.0.0.1:${port} takes mail from here.`,
    });
    await close();
    const login = { ...mail, SMTP_URL: `smtp://user:sesame@127.0.0.1:${port}` };
    const diagnosis = await look(login);
    expect(diagnosis.checks.find(({ check }) => check === 'mail')?.level).toBe('problem');
    expect(JSON.stringify(diagnosis)).not.toContain('sesame');
  });
});

describe('a service that runs', () => {
  let service: ServiceProcess;
  beforeAll(async () => {
    service = await startService({ ...env, PORT: '0', METRICS_PORT: '0' });
  });
  afterAll(() => service.stop());
  const placeOf = (text: string | undefined) => ({ PORT: new URL(text ?? '').port });

  test('is found at its port, and among the replicas', async () => {
    const found = await findings(placeOf(service.url));
    expect(found.get('port')).toEqual({ level: 'ok', found: `Tooken answers at ${service.url}, and is ready.` });
    expect(found.get('replicas')?.found).toMatch(/^1 replica: .*:\d+ \(since .*, renewed .* ago\)\.$/);
    expect(found.get('leases')).toEqual({ level: 'ok', found: 'All last 2 s.' });
    expect(found.get('master key')).toEqual({ level: 'ok', found: 'TOOKEN_MASTER_KEY is the one of this database.' });
  });

  test('has its metrics where they are looked for, and something else is not taken for them', async () => {
    const url = /"address":"(http:[^"]+)\/metrics"/.exec(service.output())?.[1];
    const port = (METRICS_PORT: string) => findings({ METRICS_PORT });
    expect((await port(new URL(url ?? '').port)).get('metrics port')?.found).toBe(`The metrics are at ${url}/metrics.`);
    expect((await port(new URL(service.url).port)).get('metrics port')).toMatchObject({ level: 'problem' });
    expect((await findings(placeOf(url))).get('port')).toMatchObject({ level: 'problem' });
  });

  test('with another key is told so, without either key', async () => {
    const other = Buffer.alloc(32, 22).toString('base64');
    const diagnosis = await look({ TOOKEN_MASTER_KEY: other });
    expect(diagnosis.level).toBe('problem');
    expect(diagnosis.checks).toContainEqual(
      expect.objectContaining({
        check: 'master key',
        level: 'problem',
        found: expect.stringContaining('is not the one'),
      }),
    );
    for (const secret of [other, MASTER_KEY]) expect(JSON.stringify(diagnosis)).not.toContain(secret);
  });
});

describe('a database with something wrong', () => {
  const withStatements = async (statements: readonly string[], undo: readonly string[], name: string) => {
    for (const statement of statements) await runAsOwner(database.owner, statement);
    try {
      return (await findings()).get(name);
    } finally {
      for (const statement of undo) await runAsOwner(database.owner, statement);
    }
  };
  const { user } = database.app;

  test.each<[name: string, statement: string, undo: string, level: string, found: RegExp]>([
    [
      'triggers',
      'alter table tokens disable trigger tokens_updated',
      'alter table tokens enable trigger tokens_updated',
      'problem',
      /tokens_updated/,
    ],
    [
      'triggers',
      'alter table audit_leaves rename constraint audit_leaves_log_id_leaf_index_pk to renamed; alter trigger audit_leaves_is_append_only on audit_leaves rename to elsewhere',
      'alter trigger elsewhere on audit_leaves rename to audit_leaves_is_append_only; alter table audit_leaves rename constraint renamed to audit_leaves_log_id_leaf_index_pk',
      'problem',
      /audit_leaves_is_append_only/,
    ],
    [
      'append-only records',
      `grant delete, truncate on audit_events to ${user}`,
      `revoke delete, truncate on audit_events from ${user}`,
      'warning',
      /DELETE on audit_events, TRUNCATE on audit_events/,
    ],
    [
      'rights',
      `revoke insert on tokens from ${user}`,
      `grant insert on tokens to ${user}`,
      'problem',
      /lacks INSERT on tokens/,
    ],
    [
      'name search',
      'alter index tokens_by_name rename to lost',
      'alter index lost rename to tokens_by_name',
      'warning',
      /pg_trgm/,
    ],
    [
      'migrations',
      `insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', 99999999999999)`,
      `delete from drizzle.__drizzle_migrations where hash = 'later'`,
      'problem',
      /newer version/,
    ],
    [
      'replicas',
      `insert into replicas (id, acked, lease_ms, address, started_at, renewed_at) values (gen_random_uuid(), pg_current_snapshot(), 2000, E'gone:1\\u001b[2J', now(), now() - interval '1 hour')`,
      `delete from replicas where lease_ms = 2000`,
      'warning',
      /Silent: gone:1/,
    ],
  ])('%s: %s', async (name, statement, undo, level, found) => {
    // As the owner alone nothing would be missing or too much.
    if (user === database.owner.user) return;
    const finding = await withStatements([statement], [undo], name);
    expect(finding).toMatchObject({ level, found: expect.stringMatching(found), advice: expect.any(String) });
  });

  test('that is empty has to be migrated, and what it would hold is left out', async () => {
    const empty = await createTestDatabase({ isEmpty: true });
    const { level, checks, left_out } = await look({ DATABASE_URL: databaseUrl(empty.app) });
    expect(level).toBe('problem');
    expect(checks.find(({ check }) => check === 'migrations')?.found).toMatch(/^\d+ migrations to be made\.$/);
    expect(left_out).toContain('replicas');
  });

  test('looked at as its owner draws a warning, not a list of rights', async () => {
    const found = await findings({ DATABASE_URL: databaseUrl(database.owner) });
    expect(found.get('role')).toMatchObject({ level: 'warning' });
    expect(found.get('append-only records')).toMatchObject({ level: 'ok' });
  });
});

describe('the embedded database', () => {
  const dataDir = join(directory, 'data');
  const embedded = { NODE_ENV: 'production', TOOKEN_DATA_DIR: dataDir, PORT: '1' };
  const run = () => diagnose({ env: embedded, signal: new AbortController().signal, onProgress: () => {} });

  test('is missed where there is none, and none is made', async () => {
    const { level, checks } = await run();
    expect(level).toBe('problem');
    expect(checks.find(({ check }) => check === 'database')?.found).toContain('There is no database');
    await expect(attachDatabase({ ...target, purpose: 'use' })).rejects.toThrow('There is no database');
  });

  test('is looked at while no service runs, with the file of its key, and left as it was', async () => {
    const service = await startService({ TOOKEN_DATA_DIR: dataDir });
    await service.stop();
    const found = new Map((await run()).checks.map(({ check, ...finding }) => [check, finding]));
    expect([...found.values()].filter(({ level }) => level === 'problem')).toEqual([]);
    expect(found.get('master key file')).toMatchObject({ level: 'ok', found: expect.stringContaining('mode 0600') });
    expect(found.get('master key')).toMatchObject({ level: 'ok' });
    expect(found.get('disk')?.found).toContain('MiB are free');
    expect(found.get('role')).toEqual({ level: 'ok', found: 'tooken_app owns nothing.' });
    expect(found.get('replicas')).toEqual({ level: 'ok', found: 'None runs.' });
    expect(await findPostmaster(join(dataDir, 'postgres/cluster'))).toBeUndefined();
  });

  const target = { databaseUrl: undefined, migrationDatabaseUrl: undefined, dataDir, maxConnections: 1 };
});

describe('the command', () => {
  test('shows what was found on stdout, sums it up on stderr, and ends with 0 without a problem', async () => {
    const { code, stdout, stderr } = await tooken({ env }, 'doctor');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^(All is well|Problems: 0\. Warn)/) });
    expect(stdout).toMatch(/^ok {7}version {14}Tooken \d/);
    expect(stdout).toMatch(/^ok {7}database {13}PostgreSQL 1\d/m);
  });

  test('ends with 1 where there is a problem, which is told without a secret', async () => {
    const DATABASE_URL = 'postgres://tooken:hunter2@127.0.0.1:1/tooken';
    const { code, stdout, stderr } = await tooken({ env: { ...env, DATABASE_URL } }, 'doctor', '--json');
    expect(code).toBe(1);
    const { level, checks, left_out } = JSON.parse(stdout);
    expect(level).toBe('problem');
    expect(checks).toContainEqual({
      check: 'database',
      level: 'problem',
      found: expect.stringMatching(/^DATABASE_URL: the database cannot be reached \(ECONNREFUSED\)/),
    });
    expect(left_out).toContain('clock');
    for (const text of [stdout, stderr]) {
      for (const secret of ['hunter2', MASTER_KEY]) expect(text).not.toContain(secret);
    }
  });

  test('tells of a variable that is wrong, and of a key file that others may read', async () => {
    const file = join(directory, 'open.key');
    await writeFile(file, MASTER_KEY, { mode: 0o644 });
    const { TOOKEN_MASTER_KEY: _, ...others } = env;
    const wrong = await tooken({ env: { ...env, TOOKEN_WORKERS: 'many' } }, 'doctor');
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toMatch(/^problem {2}configuration {8}TOOKEN_WORKERS: must be a whole number/m);
    const open = await tooken({ env: { ...others, TOOKEN_MASTER_KEY_FILE: file } }, 'doctor');
    expect(open.code).toBe(0);
    expect(open.stdout).toContain(`-> Run: chmod 600 ${file}\n`);
  });
});

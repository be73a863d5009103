import { chmod, chown, mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { type EmbeddedPostgres, launchEmbeddedPostgres } from '../../src/db/embedded/launch.ts';
import { makeCheckout, packageDirectory } from './checkout.ts';
import { withConnection } from './query.ts';
import { isRoot, NOBODY, scratch, serverPid } from './scratch.ts';
import { end, startService } from './service.ts';

// Real processes on a busy machine: only a hang takes this long.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const uidOf = async (pid: number): Promise<number> => (await stat(`/proc/${pid}`)).uid;
const write = ({ owner }: EmbeddedPostgres): Promise<unknown> =>
  withConnection(owner, (sql) => sql`create table note as select 'kept' as body`);
const read = ({ owner }: Pick<EmbeddedPostgres, 'owner'>): Promise<unknown> =>
  withConnection(owner, (sql) => sql`select body from note`);

describe('a user without privileges', () => {
  test('runs PostgreSQL as itself, below a directory that only it can enter', async () => {
    const home = await scratch(NOBODY);
    await chmod(home, 0o700);
    const dataDir = join(home, 'data');
    const service = startService(dataDir, { uid: NOBODY });
    expect((await service.next()).error).toBeUndefined();
    expect((await stat(join(dataDir, 'postgres/cluster'))).uid).toBe((await stat(home)).uid);
    await end(service, 'SIGTERM');
  });
});

describe.skipIf(!isRoot || process.platform !== 'linux')('root', () => {
  test('runs PostgreSQL as a user without privileges, who owns the cluster and nothing else', async () => {
    const dataDir = join(await scratch(), 'data');
    const server = await launchEmbeddedPostgres({ dataDir, durable: false });
    const cluster = await stat(join(dataDir, 'postgres/cluster'));
    expect(cluster.uid).not.toBe(0);
    expect(await uidOf(await serverPid(dataDir))).toBe(cluster.uid);
    for (const path of ['', 'postgres', 'postgres/credentials.json']) {
      expect((await stat(join(dataDir, path))).uid).toBe(0);
    }
    await server.stop();
  });

  test('keeps the data in a directory that only root can enter, start after start', async () => {
    const home = await scratch();
    const dataDir = join(home, 'data');
    await mkdir(dataDir);
    await chmod(dataDir, 0o700);
    await chmod(home, 0o700);
    const first = await launchEmbeddedPostgres({ dataDir, durable: false });
    await write(first);
    await first.stop();
    expect(await readdir(join(dataDir, 'postgres/cluster'))).toContain('base');
    const second = await launchEmbeddedPostgres({ dataDir, durable: false });
    expect(await read(second)).toMatchObject([{ body: 'kept' }]);
    await second.stop();
  });

  test('finds and stops the orphan of a killed service below such a directory', async () => {
    const home = await scratch();
    await chmod(home, 0o700);
    const dataDir = join(home, 'data');
    const service = startService(dataDir, { durable: true });
    const { owner, app } = await service.next();
    if (owner === undefined || app === undefined) throw new Error('no database');
    await write({ owner, app, stop: async () => {} });
    await end(service, 'SIGKILL');
    const next = await launchEmbeddedPostgres({ dataDir, durable: false });
    expect(await read(next)).toMatchObject([{ body: 'kept' }]);
    await next.stop();
  });

  test('opens the database of an ordinary user as that user, who opens it again afterwards', async () => {
    const dataDir = await scratch(NOBODY);
    const before = startService(dataDir, { uid: NOBODY });
    await before.next();
    await end(before, 'SIGTERM');
    const server = await launchEmbeddedPostgres({ dataDir, durable: false });
    expect(await uidOf(await serverPid(dataDir))).toBe(NOBODY);
    await server.stop();
    const after = startService(dataDir, { uid: NOBODY });
    expect((await after.next()).error).toBeUndefined();
    await end(after, 'SIGTERM');
  });

  test('opens a cluster that was restored with root as its owner', async () => {
    const dataDir = await scratch();
    const first = await launchEmbeddedPostgres({ dataDir, durable: false });
    await write(first);
    await first.stop();
    const cluster = join(dataDir, 'postgres/cluster');
    for (const path of await readdir(cluster, { recursive: true })) await chown(join(cluster, path), 0, 0);
    await chown(cluster, 0, 0);
    const second = await launchEmbeddedPostgres({ dataDir, durable: false });
    expect(await read(second)).toMatchObject([{ body: 'kept' }]);
    await second.stop();
  });

  test("reads and gives away nothing of its own through a link that PostgreSQL's user has made", async () => {
    const home = await scratch();
    const dataDir = join(home, 'data');
    await (await launchEmbeddedPostgres({ dataDir, durable: false })).stop();
    const secret = join(home, 'secret');
    await writeFile(secret, 'only for root\n', { mode: 0o600 });
    const cluster = join(dataDir, 'postgres/cluster');
    await symlink(secret, join(cluster, 'postmaster.pid'));

    const failure: unknown = await launchEmbeddedPostgres({ dataDir, durable: false }).then(
      ({ stop }) => stop(),
      (error: unknown) => error,
    );
    expect(String(failure)).not.toContain('only for root');
    expect(await stat(secret)).toMatchObject({ uid: 0, mode: 0o100600 });
    for (const name of await readdir(cluster)) {
      const path = join(cluster, name);
      if (name.startsWith('postmaster.pid') && (await readlink(path).catch(() => '')) === '')
        expect(await readFile(path, 'utf8')).not.toContain('only for root');
    }
    expect(await readFile(join(dataDir, 'postgres/postgres.log'), 'utf8')).not.toContain('only for root');
  });

  // Leaves the machine's cache as it found it.
  test.skipIf(packageDirectory === undefined)('starts from a checkout that only root can enter', async () => {
    const home = await scratch();
    const launcher = await makeCheckout(join(home, 'tooken'), { withPackage: true });
    await chmod(home, 0o700);
    const cached = await cacheEntries();
    const service = startService(join(home, 'tooken/data'), { launcher });
    const { owner, error } = await service.next();
    expect(error).toBeUndefined();
    if (owner === undefined) throw new Error('no database');
    await withConnection(owner, (sql) => sql`select 1`);
    const program = await readlink(`/proc/${await serverPid(join(home, 'tooken/data'))}/exe`);
    expect(program).toMatch(/^\/var\/(cache|lib)\/tooken\/postgres-[^/]+\/bin\/postgres$/);
    await end(service, 'SIGTERM');
    for (const name of await cacheEntries()) {
      if (!cached.includes(name)) await rm(join(CACHE, name), { recursive: true });
    }
  });
});

const CACHE = '/var/cache/tooken';
const cacheEntries = (): Promise<string[]> => readdir(CACHE).catch(() => []);

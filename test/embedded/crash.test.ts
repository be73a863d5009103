import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { ConnectionTarget } from '../../src/db/connection.ts';
import { launchEmbeddedPostgres } from '../../src/db/embedded/launch.ts';
import { processStart } from '../../src/db/embedded/process-identity.ts';
import { withConnection } from './query.ts';
import { eventually, scratch, serverPid } from './scratch.ts';
import { end, startService } from './service.ts';

// Real processes on a busy machine: only a hang takes this long.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const write = (target: ConnectionTarget): Promise<unknown> =>
  withConnection(target, (sql) => sql`create table note as select 'kept' as body`);
const read = (target: ConnectionTarget): Promise<unknown> =>
  withConnection(target, (sql) => sql`select body from note`);

test('a server that outlived its killed service is stopped by the next one, which finds the data', async () => {
  const dataDir = await scratch();
  const service = startService(dataDir);
  const { owner } = await service.next();
  if (owner === undefined) throw new Error('no database');
  await write(owner);
  const orphan = await serverPid(dataDir);
  await end(service, 'SIGKILL');
  expect(await processStart(orphan)).toBeDefined();

  const next = await launchEmbeddedPostgres({ dataDir, durable: false });
  expect(await processStart(orphan)).toBeUndefined();
  expect(await read(next.owner)).toMatchObject([{ body: 'kept' }]);
  await next.stop();
});

test('a service and its server killed together leave nothing in the way of the next one', async () => {
  const dataDir = await scratch();
  const service = startService(dataDir, { durable: true });
  const { owner } = await service.next();
  if (owner === undefined) throw new Error('no database');
  await write(owner);
  const server = await serverPid(dataDir);
  service.child.kill('SIGKILL');
  process.kill(server, 'SIGKILL');

  await eventually(async () => (await processStart(service.child.pid ?? 0)) === undefined);
  const next = await launchEmbeddedPostgres({ dataDir, durable: false });
  expect(await read(next.owner)).toMatchObject([{ body: 'kept' }]);
  await next.stop();
});

test('a server that is killed comes back at the same address with the data', async () => {
  const dataDir = await scratch();
  const progress: string[] = [];
  const server = await launchEmbeddedPostgres({ dataDir, onProgress: (line) => progress.push(line) });
  await write(server.owner);
  const killed = await serverPid(dataDir);
  process.kill(killed, 'SIGKILL');
  await eventually(() =>
    read(server.owner).then(
      () => true,
      () => false,
    ),
  );
  expect(await serverPid(dataDir)).not.toBe(killed);
  expect(progress).toContain('The embedded PostgreSQL ended unexpectedly; it is being started again.');
  await server.stop();
});

test('a server that is killed just before stop stays down', async () => {
  const dataDir = await scratch();
  for (const pauseMs of [0, 20, 110, 130, 150]) {
    const server = await launchEmbeddedPostgres({ dataDir, durable: false });
    process.kill(await serverPid(dataDir), 'SIGKILL');
    await sleep(pauseMs);
    await server.stop();
    expect(await readdir(dataDir)).toEqual(['postgres']);
    const left = await serverPid(dataDir).catch(() => undefined);
    if (left !== undefined) expect(await processStart(left)).toBeUndefined();
  }
});

test('a stranger that has the pid of a server that is gone is neither stopped nor in the way', async () => {
  const dataDir = await scratch();
  await (await launchEmbeddedPostgres({ dataDir, durable: false })).stop();
  const stranger = startService(await scratch());
  await stranger.next();
  const file = [
    stranger.child.pid,
    join(dataDir, 'postgres/cluster'),
    1_700_000_000,
    5432,
    '/nowhere',
    '',
    '1 1',
    'ready',
  ];
  await writeFile(join(dataDir, 'postgres/cluster/postmaster.pid'), `${file.join('\n')}\n`);
  await writeFile(join(dataDir, 'postgres/cluster/.s.PGSQL.5432.lock'), `${file.join('\n')}\n`);

  const server = await launchEmbeddedPostgres({ dataDir, durable: false });
  await server.stop();
  expect(stranger.child.exitCode ?? stranger.child.signalCode).toBeNull();
});

test('a first start that is killed at any moment leaves a directory that the next start completes', async () => {
  const dataDir = await scratch();
  for (const name of ['postgres.lock', 'PG_VERSION', 'pg_hba.conf', 'postgres/credentials.json']) {
    const round = join(dataDir, basename(name));
    const service = startService(round);
    await eventually(async () =>
      (await readdir(round, { recursive: true }).catch(() => [])).some((path) => path.includes(name)),
    );
    await end(service, 'SIGKILL');
    const next = await launchEmbeddedPostgres({ dataDir: round, durable: false });
    await withConnection(next.app, (sql) => sql`select 1`);
    await next.stop();
  }
});

test('Ctrl-C reaches the service and not the server, which serves until it is stopped', async () => {
  const dataDir = await scratch();
  const service = startService(dataDir, { detached: true });
  const { app } = await service.next();
  if (app === undefined || service.child.pid === undefined) throw new Error('no database');
  const server = await serverPid(dataDir);
  process.kill(-service.child.pid, 'SIGINT');
  expect(await service.next()).toEqual({ interrupted: true });
  expect(await withConnection(app, (sql) => sql`select 1 as one`)).toMatchObject([{ one: 1 }]);
  service.child.kill('SIGTERM');
  expect(await service.next()).toEqual({ stopped: true });
  expect(await processStart(server)).toBeUndefined();
  expect(await readFile(join(dataDir, 'postgres/postgres.log'), 'utf8')).toContain('database system is shut down');
});

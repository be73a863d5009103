import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { runAsOwner } from '../support/server.ts';
import { ServiceEnded, type ServiceProcess, type StartOptions, startService } from '../support/service-process.ts';
import { startLoad } from './load.ts';
import { eventually, isAlive, logged, workerPids } from './log.ts';

// Real processes on a busy machine: only a hang takes this long.
vi.setConfig({ testTimeout: 120_000 });

const MASTER_KEY = Buffer.alloc(32, 11).toString('base64');
const directory = await mkdtemp(join(tmpdir(), 'tooken-workers-'));
const keyFile = join(directory, 'master.key');
await writeFile(keyFile, MASTER_KEY);
afterAll(() => rm(directory, { recursive: true, force: true }));

const database = await createTestDatabase();
const env = {
  DATABASE_URL: databaseUrl(database.app),
  TOOKEN_MASTER_KEY_FILE: keyFile,
  TOOKEN_WORKERS: '2',
  TOOKEN_RATE_REQUESTS: 'off',
  LOG_LEVEL: 'debug',
};
const service = await startService(env);
const secret = service.apiKey ?? '';
afterAll(() => service.stop(), 60_000);

async function start(given: Record<string, string> = {}, options?: StartOptions): Promise<ServiceProcess> {
  const started = await startService({ ...env, ...given }, options);
  onTestFinished(async () => {
    await started.kill();
    // They notice by themselves, but not before this file's database is dropped.
    for (const pid of workerPids(started).values()) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  return started;
}

interface Client {
  readonly socket: Socket;
  received(): string;
}

function open({ url }: ServiceProcess): Client {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  let received = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    received += chunk;
  });
  socket.on('error', () => {});
  return { socket, received: () => received };
}

const whoami = (...headers: string[]) =>
  `${['GET /v1/whoami HTTP/1.1', 'Host: tooken', `Authorization: Bearer ${secret}`, ...headers].join('\r\n')}\r\n\r\n`;

/** A request whose body is still to come. */
async function askHalf(client: Client): Promise<(rest: string) => void> {
  const body = '{"name":"in flight","scopes":["a:read"]}';
  const headers = `Host: tooken\r\nAuthorization: Bearer ${secret}\r\nContent-Type: application/json`;
  client.socket.write(
    `POST /v1/tokens HTTP/1.1\r\n${headers}\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  await eventually(() => client.received().includes('100 Continue'));
  return () => client.socket.write(body);
}

const requestsOf = (worker: number) =>
  logged(service, 'http.request').filter((line) => line.worker === worker && line.route === '/v1/whoami').length;

// Takes some seconds, in which the other tests run.
const slowSender = open(service);
slowSender.socket.write('GET /healthz HTTP/1.1\r\nHost: slow');

describe('workers', () => {
  it('share one port, and every one of them gets its part of the connections', async () => {
    for (let n = 0; n < 8; n += 1) {
      const client = open(service);
      client.socket.write(whoami());
      await eventually(() => client.received().includes('200 OK'));
      onTestFinished(() => void client.socket.destroy());
    }
    await eventually(() => requestsOf(1) + requestsOf(2) === 8);
    expect(Math.min(requestsOf(1), requestsOf(2))).toBeGreaterThanOrEqual(3);
  });

  it('answer a client that has closed the half of the connection on which it sends', async () => {
    const client = open(service);
    client.socket.end(whoami('Connection: close'));
    await once(client.socket, 'end');
    expect(client.received()).toMatch(/^HTTP\/1\.1 200 OK/);
    client.socket.destroy();
  });

  it('cut off who sends too slowly', async () => {
    if (!slowSender.socket.destroyed) await once(slowSender.socket, 'end');
    expect(slowSender.received()).toMatch(/^HTTP\/1\.1 408 /);
    slowSender.socket.destroy();
  });

  it('print one key and are announced once, when all of them answer', async () => {
    const { output } = service;
    expect(output().split(secret)).toHaveLength(3);
    expect(logged(service, 'service.ready')).toHaveLength(1);
    const events = output().split('\n');
    const place = (event: string) => events.findIndex((line) => line.includes(`"event":"${event}"`));
    expect(events.slice(0, place('service.ready')).filter((line) => line.includes('worker.ready'))).toHaveLength(2);
  });
});

describe('a worker that is killed', () => {
  it('is replaced, and only requests in its hands are lost', async () => {
    const before = workerPids(service);
    const victim = before.get(1) ?? 0;
    const common = { clients: 4, path: '/v1/whoami', secret, pauseMs: 10, target: () => service };
    const loads = [true, false].map((keepsConnection) => startLoad({ ...common, keepsConnection }));
    await eventually(() => loads.every((load) => load.answered() > 50));
    process.kill(victim, 'SIGKILL');
    await eventually(() => (workerPids(service).get(1) ?? victim) !== victim);
    const served = requestsOf(1);
    await eventually(() => requestsOf(1) > served);
    const answered = loads.map((load) => load.answered());
    await eventually(() => loads.every((load, n) => load.answered() > (answered[n] ?? 0) + 50));
    for (const { 200: good = 0, ECONNRESET: lost = 0, ...others } of await Promise.all(
      loads.map((load) => load.stop()),
    )) {
      expect(good).toBeGreaterThan(100);
      expect(lost).toBeLessThanOrEqual(4);
      expect(others).toEqual({});
    }
    expect(workerPids(service).get(2)).toBe(before.get(2));
    expect(logged(service, 'worker.ended')).toMatchObject([{ worker: 1, pid: victim, end: 'SIGKILL' }]);
  });

  it('loses no connection of which it has read nothing', async () => {
    const victim = workerPids(service).get(1) ?? 0;
    process.kill(victim, 'SIGSTOP');
    const clients = Array.from({ length: 6 }, () => open(service));
    for (const { socket } of clients) socket.write(whoami('Connection: close'));
    // One was handed to the worker that does not move.
    await eventually(() => clients.filter(({ received }) => received() !== '').length >= 5);
    process.kill(victim, 'SIGKILL');
    await eventually(() => clients.every(({ received }) => received().startsWith('HTTP/1.1 200 OK')));
    await eventually(() => (workerPids(service).get(1) ?? victim) !== victim);
  });

  it('and does not start again is tried ever more rarely, while the others answer, until it does', async () => {
    const victim = workerPids(service).get(1) ?? 0;
    await writeFile(keyFile, Buffer.alloc(32, 12).toString('base64'));
    process.kill(victim, 'SIGKILL');
    await eventually(() => logged(service, 'worker.start_failed').length >= 3);
    const pauses = logged(service, 'worker.start_failed').map((line) => Number(line.pause_ms));
    for (const [n, pause] of pauses.slice(1).entries()) expect(pause).toBe((pauses[n] ?? 0) * 2);
    expect(pauses[0]).toBeGreaterThanOrEqual(100);
    expect(logged(service, 'worker.start_failed')[0]?.reason).toContain('is not the master key of this database');
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);

    await writeFile(keyFile, MASTER_KEY);
    await eventually(() => (workerPids(service).get(1) ?? victim) !== victim);
  });
});

describe('a start that cannot succeed', () => {
  it('ends in one line if the port is taken, before there is any worker', async () => {
    const port = new URL(service.url).port;
    const ended = await startService({ ...env, PORT: port }).catch((error: unknown) => error);
    if (!(ended instanceof ServiceEnded)) throw new Error('the service came up');
    expect(ended.code).toBe(1);
    expect(ended.output).toBe(
      `tooken: PORT: ${port} on 127.0.0.1 is taken. Stop what listens there, or set another PORT.\n`,
    );
  });

  it('ends in one line if no worker comes up', async () => {
    const few = await createTestDatabase();
    const name = few.app.database;
    if (few.app.user === few.owner.user) return;
    await runAsOwner(few.owner, `alter database ${name} connection limit 2`);
    const ended = await startService({ ...env, DATABASE_URL: databaseUrl(few.app) }).catch((error: unknown) => error);
    if (!(ended instanceof ServiceEnded)) throw new Error('the service came up');
    expect(ended.code).toBe(1);
    const complaints = ended.output.split('\n').filter((line) => line.startsWith('tooken: '));
    expect(complaints, ended.output).toHaveLength(1);
    expect(complaints[0]).toContain('lower TOOKEN_WORKERS or TOOKEN_DB_CONNECTIONS');
  });
});

describe('a signal', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '%s to all processes at once lets requests in flight finish',
    async (signal) => {
      const stopping = await start({}, { ownGroup: true });
      const client = open(stopping);
      const finish = await askHalf(client);
      process.kill(-stopping.pid, signal);
      await eventually(() => logged(stopping, 'service.stopping').length === 1);
      await new Promise((resolve) => setTimeout(resolve, 300));
      finish('');
      await once(client.socket, 'end');
      expect(client.received()).toContain('HTTP/1.1 201 Created');
      client.socket.destroy();
      await eventually(() => !isAlive(stopping.pid));
      expect(await stopping.stop()).toBe(0);
      expect([...workerPids(stopping).values()].filter(isAlive)).toEqual([]);
      expect(logged(stopping, 'service.stopped')).toHaveLength(1);
      expect(logged(stopping, 'worker.ended')).toEqual([]);
    },
  );

  it('and another one later cut off requests in flight', async () => {
    const stopping = await start();
    const client = open(stopping);
    await askHalf(client);
    process.kill(stopping.pid, 'SIGTERM');
    await eventually(() => logged(stopping, 'service.stopping').length === 1);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(isAlive(stopping.pid)).toBe(true);
    expect(await stopping.stop()).toBe(0);
    expect([...workerPids(stopping).values()].filter(isAlive)).toEqual([]);
    expect(client.received()).not.toContain('HTTP/1.1 201');
    client.socket.destroy();
  });
});

describe('a supervisor that is killed', () => {
  it('takes its workers with it, once they have finished what they had in hand', async () => {
    const dying = await start();
    const pids = [...workerPids(dying).values()];
    const client = open(dying);
    const finish = await askHalf(client);
    await dying.kill();
    await expect(fetch(`${dying.url}/healthz`)).rejects.toThrow();
    finish('');
    await eventually(() => client.received().includes('201 Created'));
    await eventually(() => !pids.some(isAlive));
    client.socket.destroy();
  });

  it('does so also with one that has not finished to start', async () => {
    const dying = await start();
    const victim = workerPids(dying).get(1) ?? 0;
    process.kill(victim, 'SIGKILL');
    const begun = () => logged(dying, 'worker.starting').map(({ pid }) => Number(pid));
    await eventually(() => begun().length === 3);
    await dying.kill();
    expect(workerPids(dying).get(1)).toBe(victim);
    await eventually(() => !begun().some(isAlive));
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { MAIN, startService } from '../support/service-process.ts';

const TOOKEN_MASTER_KEY = Buffer.alloc(32, 8).toString('base64');
const database = await createTestDatabase();
const external = { DATABASE_URL: databaseUrl(database.app), TOOKEN_MASTER_KEY };

/** Starts the service without waiting until it listens. */
function begin(env: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], {
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, output: () => output, ended: once(child, 'close').then(([code]) => code as number | null) };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10);
}

describe('a signal', { timeout: 60_000 }, () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends the service with 0', async (signal) => {
    const service = await startService(external);
    expect(await service.stop(signal)).toBe(0);
    expect(service.output()).toContain('"event":"service.stopped"');
  });

  it('that comes twice at once, as Ctrl-C under npm does, lets requests in flight finish', async () => {
    const service = await startService({ ...external, DATABASE_URL: databaseUrl((await createTestDatabase()).app) });
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      answer += chunk;
    });
    const body = '{"name":"in flight","scopes":["a:read"]}';
    const head = `Host: tooken\r\nAuthorization: Bearer ${service.apiKey}\r\nContent-Type: application/json\r\nExpect: 100-continue`;
    socket.write(`POST /v1/tokens HTTP/1.1\r\n${head}\r\nContent-Length: ${body.length}\r\n\r\n`);
    await until(() => answer.includes('100 Continue'));

    const ended = service.stop('SIGINT');
    process.kill(service.pid, 'SIGINT');
    await until(() => service.output().includes('service.stopping'));
    await sleep(300);
    socket.write(body);
    await once(socket, 'close');
    expect(answer).toContain('HTTP/1.1 201 Created');
    expect(await ended).toBe(0);
  });

  it('during the first start ends it in order, and the next start prints the key', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'tooken-stopping-'));
    onTestFinished(() => rm(parent, { recursive: true, force: true, maxRetries: 5 }));
    const env = { TOOKEN_DATA_DIR: join(parent, 'data') };
    const first = begin(env);
    await until(() => first.output().includes('Creating the embedded database'));
    first.child.kill('SIGINT');
    expect(await first.ended).toBe(0);
    expect(first.output()).not.toMatch(/tok_live_|tooken: /);

    const second = await startService(env);
    expect(second.apiKey).toBeDefined();
    await second.stop();
  });

  it('and another one later end a start that hangs', async () => {
    const clients = new Set<Socket>();
    const silent = createServer((client) => clients.add(client)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const service = begin({ TOOKEN_MASTER_KEY, DATABASE_URL: `postgres://tooken@127.0.0.1:${port}/tooken` });
    await once(silent, 'connection');
    service.child.kill('SIGINT');
    await sleep(1_000);
    expect(service.child.exitCode).toBeNull();
    // Once more in case that both have come as one to a process that had no time to look.
    const again = setInterval(() => service.child.kill('SIGINT'), 1_000);
    service.child.kill('SIGINT');
    const code = await service.ended;
    clearInterval(again);
    expect(code).toBe(1);
    expect(service.output()).toBe('tooken: Interrupted by SIGINT before the start was complete.\n');
    for (const client of clients) client.destroy();
    silent.close();
  });
});

describe('a reader that has gone away', { timeout: 60_000 }, () => {
  it('takes nothing with it: the service starts, answers and ends in order', async () => {
    const { app } = await createTestDatabase();
    const port = await freePort();
    const service = begin({ ...external, DATABASE_URL: databaseUrl(app), PORT: String(port) });
    // Before it prints its first API key.
    service.child.stdout.destroy();
    service.child.stderr.destroy();
    const exited = once(service.child, 'exit');
    const url = `http://127.0.0.1:${port}/readyz`;
    await expect
      .poll(
        () =>
          fetch(url).then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 30_000 },
      )
      .toBe(200);
    service.child.kill('SIGTERM');
    expect((await exited)[0]).toBe(0);
  });
});

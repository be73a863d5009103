import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { MAIN, type ServiceProcess, startService } from '../support/service-process.ts';
import { eventually, isAlive, logged, workerPids } from './log.ts';

// Real processes on a busy machine: only a hang takes this long.
vi.setConfig({ testTimeout: 120_000 });

async function serverPid(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8'), 10);
}

async function whoami({ url }: ServiceProcess, apiKey: string): Promise<number> {
  const headers = { authorization: `Bearer ${apiKey}`, connection: 'close' };
  return (await fetch(`${url}/v1/whoami`, { headers })).status;
}

async function scratch(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tooken-workers-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

it('workers share an embedded database that outlives each of them, and ends with the service', async () => {
  const dataDir = await scratch();
  const env = { TOOKEN_DATA_DIR: dataDir, TOOKEN_WORKERS: '2' };
  const service = await startService(env);
  onTestFinished(() => service.kill());
  const apiKey = service.apiKey ?? '';
  expect(service.output().split(apiKey)).toHaveLength(3);
  const postgres = await serverPid(dataDir);

  const before = workerPids(service);
  for (const [worker, victim] of before) {
    process.kill(victim, 'SIGKILL');
    await eventually(() => (workerPids(service).get(worker) ?? victim) !== victim);
    expect(await whoami(service, apiKey)).toBe(200);
  }
  expect(await serverPid(dataDir)).toBe(postgres);
  expect(logged(service, 'worker.ended')).toHaveLength(2);

  expect(await service.stop()).toBe(0);
  expect([postgres, ...workerPids(service).values()].filter(isAlive)).toEqual([]);

  const next = await startService(env);
  onTestFinished(() => next.kill());
  expect(next.apiKey).toBeUndefined();
  expect(await whoami(next, apiKey)).toBe(200);

  // The next start ends the database that a killed supervisor leaves behind, as it does that of a killed process.
  await next.kill();
  await eventually(() => ![...workerPids(next).values()].some(isAlive));
  const last = await startService(env);
  onTestFinished(() => last.kill());
  expect(await whoami(last, apiKey)).toBe(200);
  expect(await last.stop()).toBe(0);
});

it('a signal while workers start ends all of them, and the next start prints the key', async () => {
  const dataDir = await scratch();
  const env = { TOOKEN_DATA_DIR: dataDir, TOOKEN_WORKERS: '2' };
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', PORT: '0', LOG_LEVEL: 'debug', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const begun = () => logged({ output: () => output }, 'worker.starting').map(({ pid }) => Number(pid));
  await eventually(() => begun().length === 2);
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
  expect(begun().filter(isAlive)).toEqual([]);
  expect(output).not.toContain('tok_live_');

  const next = await startService(env);
  onTestFinished(() => next.kill());
  expect(next.apiKey).toBeDefined();
  expect(await next.stop()).toBe(0);
});

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type ServiceProcess, startService } from '../support/service-process.ts';
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

it('workers share an embedded database that outlives each of them, and ends with the service', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tooken-workers-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
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

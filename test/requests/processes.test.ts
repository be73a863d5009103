import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { openTestClient, range } from '../audit/log.ts';
import { send } from '../support/answer.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { startDatabaseProxy } from '../support/proxy.ts';
import { type ServiceProcess, startService } from '../support/service-process.ts';

const database = await createTestDatabase();
const sql = openTestClient(database.app);
const proxy = await startDatabaseProxy(database.app);
afterAll(() => proxy[Symbol.asyncDispose]());
const env = {
  DATABASE_URL: databaseUrl(proxy.through(database.app)),
  TOOKEN_MASTER_KEY: Buffer.alloc(32, 8).toString('base64'),
  TOOKEN_RATE_REQUESTS: 'off',
};
let secret = '';

async function start(given: Record<string, string> = {}): Promise<ServiceProcess> {
  const service = await startService({ ...env, ...given });
  onTestFinished(() => service.kill());
  secret ||= service.apiKey ?? '';
  return service;
}

/** Calls with an id each, all at once; returns the ids of those that were answered with 200. */
async function callOften({ url }: ServiceProcess, prefix: string, count: number): Promise<string[]> {
  const answers = range(count).map(async (n) => {
    const id = `${prefix}-${n}`;
    const { status } = await send({ url, secret }, 'GET', '/v1/whoami', undefined, { 'x-request-id': id });
    return status === 200 ? [id] : [];
  });
  return (await Promise.all(answers)).flat();
}

const logged = async (prefix: string): Promise<string[]> =>
  (await sql<{ id: string }[]>`select request_id as id from request_log where request_id like ${`${prefix}-%`}`).map(
    ({ id }) => id,
  );

describe('the request log', { timeout: 60_000 }, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('is complete when a process has ended by %s', async (signal) => {
    const service = await start();
    const answered = await callOften(service, signal, 300);
    expect(answered).toHaveLength(300);
    expect(await service.stop(signal)).toBe(0);
    expect((await logged(signal)).sort()).toEqual(answered.sort());
  });

  it('has the calls of every worker', async () => {
    const service = await start({ TOOKEN_WORKERS: '2' });
    const answered = await callOften(service, 'workers', 300);
    await expect.poll(() => logged('workers'), { timeout: 10_000 }).toHaveLength(300);
    expect(await service.stop()).toBe(0);
    expect((await logged('workers')).sort()).toEqual(answered.sort());
  });

  it('has each call once that was answered before, while and after the database was away', async () => {
    const service = await start({ TOOKEN_LEASE_SECONDS: '10' });
    const answered = await callOften(service, 'away', 50);
    proxy.hangUp();
    for (const round of range(3)) answered.push(...(await callOften(service, `away-${round}`, 100)));
    // From memory, while the lease lasts.
    expect(answered.length).toBeGreaterThan(50);
    await expect.poll(() => service.output(), { timeout: 10_000 }).toContain('request_log.calls_kept');
    proxy.recover();
    await expect.poll(() => logged('away'), { timeout: 20_000 }).toHaveLength(answered.length);
    expect(await service.stop()).toBe(0);
    expect((await logged('away')).sort()).toEqual(answered.sort());
    expect(service.output()).not.toContain('request_log.calls_lost');
  });

  it('is not kept when it is switched off', async () => {
    const service = await start({ TOOKEN_REQUEST_LOG_DAYS: 'off' });
    expect(await callOften(service, 'off', 20)).toHaveLength(20);
    const list = await send({ url: service.url, secret }, 'GET', '/v1/requests?limit=1');
    expect(list.status).toBe(200);
    expect(await service.stop()).toBe(0);
    expect(await logged('off')).toEqual([]);
  });
});

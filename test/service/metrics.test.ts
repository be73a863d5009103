import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CREW_FAMILIES, DATABASE_FAMILIES, PROCESS_FAMILIES } from '../../src/telemetry/metrics-table.ts';
import { send } from '../support/answer.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { startDatabaseProxy } from '../support/proxy.ts';
import { ServiceEnded, type ServiceProcess, startService } from '../support/service-process.ts';
import { eventually, logged, workerPids } from './log.ts';
import { metricsUrl, parsePage, scrape, total } from './metrics-page.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const database = await createTestDatabase();
const several = await createTestDatabase();
const proxy = await startDatabaseProxy(database.app);
const TOOKEN_MASTER_KEY = Buffer.alloc(32, 13).toString('base64');
const env = { DATABASE_URL: databaseUrl(database.app), TOOKEN_MASTER_KEY, METRICS_PORT: '0' };
const ROUTE = '/v1/tokens/introspect';

type Caller = Pick<ServiceProcess, 'url'> & { readonly secret: string };

async function issue(caller: Caller): Promise<{ readonly id: string; readonly secret: string }> {
  const { status, body } = await send(caller, 'POST', '/v1/tokens', { name: 'measured', scopes: ['a:read'] });
  expect(status).toBe(201);
  return { id: body.token.id, secret: body.secret };
}

const introspect = async (caller: Caller, token: string) =>
  (await send(caller, 'POST', ROUTE, { token })).body.active as boolean | undefined;

describe('the metrics of a service', () => {
  let service: ServiceProcess;
  let caller: Caller;
  beforeAll(async () => {
    service = await startService({ ...env, DATABASE_URL: databaseUrl(proxy.through(database.app)) });
    caller = { url: service.url, secret: service.apiKey ?? '' };
  });
  afterAll(async () => {
    await service.stop();
    await proxy[Symbol.asyncDispose]();
  });

  it('tell what it does, and name neither who nor which', async () => {
    const token = await issue(caller);
    for (let n = 0; n < 3; n += 1) expect(await introspect(caller, token.secret)).toBe(true);
    expect(await introspect(caller, 'rubbish')).toBe(false);
    expect(await introspect({ ...caller, secret: 'rubbish' }, token.secret)).toBeUndefined();
    await send(caller, 'POST', `/v1/tokens/${token.id}/revoke`, {});
    expect(await introspect(caller, token.secret)).toBe(false);
    await send(caller, 'GET', `/v1/tokens/${token.id}`);
    await send(caller, 'GET', `/v1/nothing/${token.id}`);

    const page = await scrape(service);
    const introspections = (labels: Record<string, string>) => total(page, 'tooken_introspections_total', labels);
    expect(introspections({ outcome: 'active' })).toBe(3);
    expect(introspections({ outcome: 'inactive', reason: 'malformed' })).toBe(1);
    expect(introspections({ outcome: 'inactive', reason: 'revoked' })).toBe(1);
    expect(introspections({ outcome: 'refused' })).toBe(1);
    const requests = (labels: Record<string, string>) =>
      total(page, 'tooken_http_request_duration_seconds_count', labels);
    expect(requests({ method: 'POST', route: ROUTE, status: '200' })).toBe(5);
    expect(requests({ method: 'POST', route: ROUTE, status: '401' })).toBe(1);
    expect(requests({ method: 'POST', route: '/v1/tokens/{id}/revoke', status: '200' })).toBe(1);
    expect(requests({ method: 'GET', route: '/v1/tokens/{id}', status: '200' })).toBe(1);
    expect(requests({ method: 'GET', route: 'other', status: '404' })).toBe(1);
    expect(total(page, 'tooken_fences_total', { outcome: 'effective' })).toBe(1);
    expect(total(page, 'tooken_cache_lookups_total', { result: 'hit' })).toBeGreaterThan(0);
    expect(total(page, 'tooken_cache_load_credentials_count')).toBeGreaterThan(0);
    expect(page.get('tooken_lease_held{worker="1"}')).toBe(1);
    expect(page.get('tooken_worker_up{worker="1"}')).toBe(1);
    expect(page.get('tooken_replicas')).toBe(1);
    expect(page.get('tooken_database_up')).toBe(1);
    expect(total(page, 'tooken_database_transactions_total', { outcome: 'committed' })).toBeGreaterThan(0);
    expect(total(page, 'process_resident_memory_bytes')).toBeGreaterThan(0);
    const text = [...page.keys()].join('\n');
    for (const value of [token.id, token.secret, caller.secret, '127.0.0.1']) expect(text).not.toContain(value);
    expect(text).not.toMatch(/(tkn|key|ws|req)_/);
  });

  it('are complete, but for those of witnesses, where there are none', async () => {
    const names = [...(await scrape(service)).keys()].map((key) => key.split('{', 1)[0]);
    const families = [...PROCESS_FAMILIES, ...DATABASE_FAMILIES, ...CREW_FAMILIES];
    for (const { name, type } of families.filter(({ name }) => !name.startsWith('tooken_witness_'))) {
      expect(names).toContain(type === 'histogram' ? `${name}_count` : name);
    }
  });

  it('are on a port of their own, where there is nothing else', async () => {
    const url = metricsUrl(service);
    expect(new URL(url).port).not.toBe(new URL(service.url).port);
    expect((await fetch(`${service.url}/metrics`)).status).toBe(404);
    for (const path of ['/', '/metrics/', '/healthz', '/v1/tokens']) {
      expect((await fetch(new URL(path, url))).status, path).toBe(404);
    }
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('come as OpenMetrics to who asks for that', async () => {
    const response = await fetch(metricsUrl(service), { headers: { accept: 'application/openmetrics-text' } });
    expect(response.headers.get('content-type')).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
    const text = await response.text();
    expect(text).toMatch(/# EOF\n$/);
    expect(text).toContain('# TYPE tooken_fences counter\n');
    expect(parsePage(text).get('tooken_fences_total{outcome="failed"}')).toBe(0);
  });

  it('are told on while the database says nothing, and tell so', async () => {
    proxy.fallSilent();
    await eventually(async () => {
      const page = await scrape(service);
      return page.get('tooken_database_up') === 0 && page.get('tooken_lease_held{worker="1"}') === 0;
    });
    expect((await scrape(service)).has('tooken_replicas')).toBe(false);
    expect(await introspect(caller, 'tkn_live_unknown')).toBeUndefined();
    proxy.recover();
    await eventually(async () => (await scrape(service)).get('tooken_lease_held{worker="1"}') === 1);
    const page = await scrape(service);
    expect(total(page, 'tooken_introspections_total', { outcome: 'unavailable' })).toBe(1);
    expect(total(page, 'tooken_lease_renewals_total', { outcome: 'failed' })).toBeGreaterThan(0);
  });

  it('end with the service', async () => {
    const url = metricsUrl(service);
    expect(await service.stop()).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });
});

describe('a metrics port', () => {
  it('that is taken stops the start with its name, before anything is made in the database', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const fresh = databaseUrl((await createTestDatabase()).app);
    const refuse = async (TOOKEN_WORKERS: string) => {
      const ended = await startService({
        ...env,
        DATABASE_URL: fresh,
        TOOKEN_WORKERS,
        METRICS_PORT: String(port),
      }).catch((error: unknown) => error);
      if (!(ended instanceof ServiceEnded)) throw new Error('the service came up');
      expect(ended.code).toBe(1);
      expect(ended.output).toContain(`tooken: METRICS_PORT: ${port} on 127.0.0.1 is taken.`);
      expect(ended.output).not.toContain('tok_live_');
    };
    await Promise.all([refuse('1'), refuse('2')]);
    other.close();
  });
});

describe('the metrics of several workers', () => {
  let service: ServiceProcess;
  beforeAll(async () => {
    const own = { ...env, DATABASE_URL: databaseUrl(several.app) };
    service = await startService({ ...own, TOOKEN_WORKERS: '2' });
  });
  afterAll(async () => {
    expect(await service.stop()).toBe(0);
  });

  it('are one sum, which does not fall when a worker dies or is replaced', async () => {
    const caller = { url: service.url, secret: service.apiKey ?? '' };
    const count = async () =>
      total(await scrape(service), 'tooken_http_request_duration_seconds_count', { route: ROUTE });
    /** On connections of their own, so that both workers get some. */
    const ask = async (times: number) => {
      for (let n = 0; n < times; n += 1) {
        await send(caller, 'POST', ROUTE, { token: 'rubbish' }, { connection: 'close' });
      }
    };
    await ask(10);
    await eventually(async () => (await count()) === 10);
    const page = await scrape(service);
    for (const worker of ['1', '2']) {
      expect(page.get(`tooken_worker_up{worker="${worker}"}`)).toBe(1);
      expect(page.get(`tooken_lease_held{worker="${worker}"}`)).toBe(1);
      expect(page.has(`process_resident_memory_bytes{worker="${worker}"}`)).toBe(true);
    }
    expect(page.get('tooken_replicas')).toBe(2);
    expect(page.get('tooken_worker_losses_total')).toBe(0);

    const victim = workerPids(service).get(1) ?? 0;
    process.kill(victim, 'SIGKILL');
    await eventually(async () => (await scrape(service)).get('tooken_worker_losses_total') === 1);
    expect(await count()).toBe(10);
    await eventually(async () => (await scrape(service)).get('tooken_worker_up{worker="1"}') === 1);
    await ask(6);
    await eventually(async () => (await count()) === 16);

    // Of these only the workers know that are replaced.
    await ask(4);
    process.kill(service.pid, 'SIGUSR2');
    await eventually(() => logged(service, 'service.replaced').length === 1);
    expect(await count()).toBe(20);
  });

  it('of which one is stuck are those of the others, and what it had counted', async () => {
    const renewals = async () => total(await scrape(service), 'tooken_lease_renewals_total', { outcome: 'renewed' });
    const before = await renewals();
    const stuck = workerPids(service).get(2) ?? 0;
    process.kill(stuck, 'SIGSTOP');
    const page = await scrape(service);
    expect(page.get('tooken_worker_up{worker="1"}')).toBe(1);
    expect(page.get('tooken_worker_up{worker="2"}')).toBe(0);
    expect(page.has('tooken_lease_held{worker="2"}')).toBe(false);
    expect(total(page, 'tooken_lease_renewals_total', { outcome: 'renewed' })).toBeGreaterThanOrEqual(before);
    process.kill(stuck, 'SIGCONT');
    await eventually(async () => (await scrape(service)).get('tooken_worker_up{worker="2"}') === 1);
  });
});

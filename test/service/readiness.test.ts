import { afterAll, describe, expect, it, vi } from 'vitest';
import { createCoherence } from '../../src/coherence/coherence.ts';
import { openPool } from '../../src/db/connection.ts';
import { createApi } from '../../src/http/api.ts';
import { mountHealth } from '../../src/http/routes/health.ts';
import { createCredentialMemory } from '../../src/introspection/memory.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { startDatabaseProxy } from '../support/proxy.ts';
import { unreachable } from '../support/records.ts';
import { createTestService } from '../support/service.ts';
import { startService } from '../support/service-process.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { startLoad } from './load.ts';
import { eventually } from './log.ts';

vi.setConfig({ testTimeout: 60_000 });

const database = await createTestDatabase();
const fresh = await createTestDatabase();
const proxy = await startDatabaseProxy(database.app);
afterAll(() => proxy[Symbol.asyncDispose]());
const behindProxy = { ...database, app: proxy.through(database.app) };

const READY = { status: 200, body: { status: 'ready' } };
const unavailable = (reason: string) => ({ status: 503, body: { status: 'unavailable', reason } });

describe('/readyz', () => {
  it('says that a replica is starting until it has had its first lease', async () => {
    const coherence = createCoherence({
      openApart: (options) => openPool(unreachable(database.app), options),
      memory: createCredentialMemory({ maxRecords: 1, maxUnknown: 1 }),
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      leaseMs: 2_000,
      meter: createMetrics().fences,
    });
    const api = createApi();
    mountHealth(api, coherence);
    const response = await api.request('/readyz');
    expect({ status: response.status, body: await response.json() }).toEqual(unavailable('starting'));
    expect(response.headers.get('retry-after')).toBe('1');
    await coherence.stop();
  });

  it.each([
    ['ahead of', 5_000],
    ['behind', -5_000],
  ])("refuses while the clock is %s the database's, since expiry is told by it", async (_, offsetMs) => {
    const time = { offsetMs };
    const clock = { ...systemClock, now: () => new Date(Date.now() + time.offsetMs) };
    const service = await createTestService(database, { TOOKEN_LEASE_SECONDS: '0.4' }, { clock });
    const reason = "the clock is more than a second off the database's";
    expect(await service.call('GET', '/readyz')).toMatchObject(unavailable(reason));
    time.offsetMs = 0;
    await expect.poll(async () => (await service.call('GET', '/readyz')).status).toBe(200);
  });

  it('answers from the lease alone: a database that has just gone silent is not missed', async () => {
    const service = await createTestService(behindProxy, { TOOKEN_LEASE_SECONDS: '60' });
    expect(await service.call('GET', '/readyz')).toMatchObject(READY);
    proxy.fallSilent();
    expect(await service.call('GET', '/readyz')).toMatchObject(READY);
    proxy.recover();
  });

  it('says that the database does not answer when the lease is lost, and is back with it', async () => {
    const service = await createTestService(behindProxy, { TOOKEN_LEASE_SECONDS: '0.5' });
    expect(await service.call('GET', '/readyz')).toMatchObject(READY);
    proxy.fallSilent();
    await eventually(async () => (await service.call('GET', '/readyz')).status === 503);
    expect(await service.call('GET', '/readyz')).toMatchObject(unavailable('the database does not answer'));
    expect(await service.call('GET', '/healthz')).toMatchObject({ status: 200 });
    proxy.recover();
    await eventually(async () => (await service.call('GET', '/readyz')).status === 200);
  });

  it('says that a service is stopping while that still answers', async () => {
    const TOOKEN_MASTER_KEY = Buffer.alloc(32, 14).toString('base64');
    const service = await startService({ DATABASE_URL: databaseUrl(fresh.app), TOOKEN_MASTER_KEY });
    const ask = async () => {
      const response = await fetch(`${service.url}/readyz`, { headers: { connection: 'close' } });
      return { status: response.status, body: await response.json() };
    };
    expect(await ask()).toEqual(READY);
    // As long as requests come, it waits a while for the balancer to send them elsewhere.
    const secret = service.apiKey ?? '';
    const load = startLoad({ clients: 1, keepsConnection: false, path: '/v1/whoami', secret, target: () => service });
    const stopped = service.stop();
    let last = await ask();
    while (last.status === 200) last = await ask();
    expect(last).toEqual(unavailable('stopping'));
    const { ECONNREFUSED: _afterwards, ...outcomes } = await load.stop();
    expect(Object.keys(outcomes)).toEqual(['200']);
    expect(await stopped).toBe(0);
  });
});

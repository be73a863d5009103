import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { type ServiceProcess, startService } from '../support/service-process.ts';
import { type Load, startLoad } from './load.ts';
import { eventually, isAlive, logged, workerPids } from './log.ts';

// Real processes on a busy machine: only a hang takes this long.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const ROOT = join(import.meta.dirname, '../..');
const database = await createTestDatabase();
const env = {
  DATABASE_URL: databaseUrl(database.app),
  TOOKEN_MASTER_KEY: Buffer.alloc(32, 13).toString('base64'),
  TOOKEN_RATE_REQUESTS: 'off',
};
const scratch = await mkdtemp(join(tmpdir(), 'tooken-rolling-'));
afterAll(() => rm(scratch, { recursive: true, force: true, maxRetries: 5 }));

async function start(given: Record<string, string>, main?: string): Promise<ServiceProcess> {
  const service = await startService({ ...env, ...given }, main === undefined ? {} : { main });
  onTestFinished(async () => {
    await service.kill();
    for (const pid of workerPids(service).values()) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  return service;
}

/** The first start on this database, which alone prints a key. */
const first = await startService(env);
const secret = first.apiKey ?? '';
await first.stop();

/** Clients of each kind: those that keep a connection, always busy or with pauses, and those that do not. */
function startClients(target: () => { readonly url: string }, retriesRefused = false): Load[] {
  const common = { clients: 3, path: '/v1/whoami', secret, target, retriesRefused };
  return [
    startLoad({ ...common, keepsConnection: true, pauseMs: 1 }),
    startLoad({ ...common, keepsConnection: true, pauseMs: 1, path: '/v1/tokens/introspect', form: `token=${secret}` }),
    startLoad({ ...common, keepsConnection: true, pauseMs: 100 }),
    startLoad({ ...common, keepsConnection: false, pauseMs: 5 }),
  ];
}

async function expectNothingLost(clients: readonly Load[]): Promise<void> {
  for (const { 200: good = 0, ...others } of await Promise.all(clients.map((load) => load.stop()))) {
    expect(others).toEqual({});
    expect(good).toBeGreaterThan(10);
  }
}

describe('SIGUSR2', () => {
  it('replaces every worker, and no client notices', async () => {
    const service = await start({ TOOKEN_WORKERS: '2' });
    const before = workerPids(service);
    const clients = startClients(() => service);
    await eventually(() => clients.every((load) => load.answered() > 10));
    process.kill(service.pid, 'SIGUSR2');
    await eventually(() => logged(service, 'service.replaced').length === 1);
    const answered = clients.map((load) => load.answered());
    await eventually(() => clients.every((load, n) => load.answered() > (answered[n] ?? 0) + 10));
    await expectNothingLost(clients);
    const after = workerPids(service);
    for (const worker of [1, 2]) expect(after.get(worker)).not.toBe(before.get(worker));
    expect([...before.values()].filter(isAlive)).toEqual([]);
    expect([...after.values()].every(isAlive)).toBe(true);
    expect(logged(service, 'worker.ended')).toEqual([]);
  });

  it('lets new workers run the code that is there by then, and keeps the old ones if that does not start', async () => {
    const checkout = join(scratch, 'checkout');
    for (const part of ['src', 'dist', 'drizzle', 'package.json']) {
      await cp(join(ROOT, part), join(checkout, part), { recursive: true });
    }
    await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
    const health = join(checkout, 'src/http/routes/health.ts');
    const code = await readFile(health, 'utf8');
    const service = await start({ TOOKEN_WORKERS: '2' }, join(checkout, 'src/main.ts'));
    const answers = async () => {
      const bodies = Array.from({ length: 8 }, async () => {
        const response = await fetch(`${service.url}/healthz`, { headers: { connection: 'close' } });
        return ((await response.json()) as { status: string }).status;
      });
      return [...new Set(await Promise.all(bodies))];
    };
    expect(await answers()).toEqual(['ok']);

    await writeFile(health, 'no code');
    process.kill(service.pid, 'SIGUSR2');
    await eventually(() => logged(service, 'service.replacement_failed').length === 1);
    expect(await answers()).toEqual(['ok']);

    await writeFile(health, code.replace("{ status: 'ok' }", "{ status: 'newer' }"));
    process.kill(service.pid, 'SIGUSR2');
    await eventually(() => logged(service, 'service.replaced').length === 1);
    expect(await answers()).toEqual(['newer']);
    expect(await service.stop()).toBe(0);
  });

  it('does nothing to a service that is one process, but say so', async () => {
    const service = await start({});
    process.kill(service.pid, 'SIGUSR2');
    await eventually(() => logged(service, 'service.replacement_refused').length === 1);
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
    expect(await service.stop()).toBe(0);
  });
});

/** Sends each request to the next replica that has said it is ready, and asks all of them all the time. */
function balance(replicas: ServiceProcess[]) {
  const ready = new Set<string>();
  const probes = { isEnding: false };
  const probe = async () => {
    while (!probes.isEnding) {
      for (const { url } of replicas) {
        const isReady = await fetch(`${url}/readyz`, { headers: { connection: 'close' } }).then(
          ({ ok }) => ok,
          () => false,
        );
        if (isReady) ready.add(url);
        else ready.delete(url);
      }
      await sleep(50);
    }
  };
  const probing = probe();
  let turn = 0;
  return {
    isReady: ({ url }: ServiceProcess) => ready.has(url),
    target(): { readonly url: string } {
      turn += 1;
      const candidates = replicas.filter(({ url }) => ready.has(url));
      const chosen = (candidates.length > 0 ? candidates : replicas)[turn % (candidates.length || replicas.length)];
      if (chosen === undefined) throw new Error('There is no replica.');
      return chosen;
    },
    async stop() {
      probes.isEnding = true;
      await probing;
    },
  };
}

describe('replicas behind a balancer that looks at /readyz', () => {
  it('are restarted one after the other, and no request is lost', async () => {
    const replicas = [await start({}), await start({})];
    const balancer = balance(replicas);
    await eventually(() => replicas.every(balancer.isReady));
    const clients = startClients(balancer.target, true);
    for (const [n, replica] of replicas.entries()) {
      const answered = clients.map((load) => load.answered());
      await eventually(() => clients.every((load, m) => load.answered() > (answered[m] ?? 0) + 10));
      expect(await replica.stop()).toBe(0);
      const successor = await start({ PORT: new URL(replica.url).port });
      replicas[n] = successor;
      await eventually(() => balancer.isReady(successor));
    }
    await expectNothingLost(clients);
    await balancer.stop();
  });
});

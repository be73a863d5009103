import { afterAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { startDatabaseProxy } from '../support/proxy.ts';
import { createTestService } from '../support/service.ts';

const database = await createTestDatabase();
const proxy = await startDatabaseProxy(database.app);
afterAll(() => proxy[Symbol.asyncDispose]());
const service = await createTestService({ ...database, app: proxy.through(database.app) });
const workspace = await service.addWorkspace('silent');
const { secret } = workspace.live;
const issued = await service.call('POST', '/v1/tokens', { secret, json: { name: 'token', scopes: ['a:read'] } });

const introspect = () =>
  service.call('POST', '/v1/tokens/introspect', {
    secret,
    body: new URLSearchParams({ token: issued.body.secret }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });

describe('a database that says nothing any more', { timeout: 60_000 }, () => {
  it('makes introspection answer 503, never inactive, however many ask, and good answers come back with it', async () => {
    expect((await introspect()).body.active).toBe(true);
    proxy.fallSilent();
    // Memory vouches for what it knows until the lease ends.
    await expect.poll(async () => (await introspect()).status, { timeout: 20_000 }).toBe(503);
    const answers = await Promise.all(Array.from({ length: 1_200 }, introspect));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(new Set(answers.map(({ headers }) => headers.get('retry-after')))).toEqual(new Set(['1']));
    expect((await service.call('GET', '/readyz')).status).toBe(503);
    expect((await service.call('GET', '/healthz')).status).toBe(200);
    proxy.recover();
    await expect.poll(async () => (await introspect()).body.active, { timeout: 20_000 }).toBe(true);
    expect((await service.call('GET', '/readyz')).status).toBe(200);
  });

  it('makes a change answer 503, and a retry with the same Idempotency-Key settles it', async () => {
    const issue = () =>
      service.call('POST', '/v1/tokens', {
        secret,
        json: { name: 'in doubt', scopes: ['a:read'] },
        headers: { 'idempotency-key': 'settles-what-is-in-doubt' },
      });
    proxy.fallSilent();
    expect((await issue()).status).toBe(503);
    proxy.recover();
    await expect.poll(async () => (await issue()).status, { timeout: 20_000 }).toBe(201);
    const { body } = await service.call('GET', '/v1/tokens?name=in%20doubt', { secret });
    expect(body.data).toHaveLength(1);
  });
});

describe('a load balancer that has lost its database and hangs up', { timeout: 60_000 }, () => {
  it('makes introspection answer 503 and not wait, and good answers come back with it', async () => {
    proxy.hangUp();
    await expect.poll(async () => (await introspect()).status, { timeout: 20_000 }).toBe(503);
    expect((await service.call('GET', '/readyz')).status).toBe(503);
    proxy.recover();
    await expect.poll(async () => (await introspect()).body.active, { timeout: 20_000 }).toBe(true);
  });
});

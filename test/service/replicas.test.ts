import { afterAll, describe, expect, it } from 'vitest';
import { send } from '../support/answer.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { startService } from '../support/service-process.ts';

const database = await createTestDatabase();
const env = { DATABASE_URL: databaseUrl(database.app), TOOKEN_MASTER_KEY: Buffer.alloc(32, 5).toString('base64') };
const one = await startService(env);
const two = await startService(env);
afterAll(() => Promise.all([one.stop(), two.stop()]));

const apiKey = one.apiKey ?? '';

type Replica = { readonly url: string };
const call = ({ url }: Replica, method: string, path: string, json?: unknown, headers: Record<string, string> = {}) =>
  send({ url, secret: apiKey }, method, path, json, headers);

describe('two replicas on one database', () => {
  it('serve the same tokens: what one has issued, rotated or revoked, the other knows at once', async () => {
    const issued = await call(one, 'POST', '/v1/tokens', { name: 'shared', scopes: ['a:read'] });
    const { id } = issued.body.token;
    const introspect = async (service: Replica, token: string) =>
      (await call(service, 'POST', '/v1/tokens/introspect', { token })).body.active;
    expect(await introspect(two, issued.body.secret)).toBe(true);
    const rotated = await call(two, 'POST', `/v1/tokens/${id}/rotate`, {});
    expect(await introspect(one, issued.body.secret)).toBe(false);
    expect(await introspect(one, rotated.body.secret)).toBe(true);
    await call(one, 'POST', `/v1/tokens/${id}/revoke`, {});
    expect(await introspect(two, rotated.body.secret)).toBe(false);
  });

  it('give one answer to one Idempotency-Key, whichever is asked', async () => {
    const key = { 'idempotency-key': crypto.randomUUID() };
    const body = { name: 'once', scopes: ['a:read'] };
    const first = await call(one, 'POST', '/v1/tokens', body, key);
    const again = await call(two, 'POST', '/v1/tokens', body, key);
    expect([again.status, again.text]).toEqual([first.status, first.text]);
  });

  it('write one audit log without gaps while both write at once', async () => {
    const writers = Array.from({ length: 60 }, (_, n) =>
      call(n % 2 === 0 ? one : two, 'POST', '/v1/tokens', { name: `writer ${n}`, scopes: ['a:read'] }),
    );
    await Promise.all(writers);
    const { body } = await call(one, 'GET', '/v1/audit-log?order=asc&limit=200');
    const places = body.data.map(({ leaf_index }: { leaf_index: number }) => leaf_index);
    expect(places).toEqual(places.map((_: number, n: number) => n));
    expect((await call(two, 'GET', '/v1/audit-log?order=asc&limit=200')).body.data).toEqual(body.data);
  });

  it('a request in flight gets its answer before the replica goes', async () => {
    const leaving = await startService(env);
    const answers = Array.from({ length: 40 }, (_, n) =>
      call(leaving, 'POST', '/v1/tokens', { name: `last ${n}`, scopes: ['a:read'] }),
    );
    await Promise.race(answers);
    const [code, statuses] = await Promise.all([
      leaving.stop(),
      Promise.all(answers.map((answer) => answer.then(({ status }) => status))),
    ]);
    expect(code).toBe(0);
    expect(new Set(statuses)).toEqual(new Set([201]));
  });
});

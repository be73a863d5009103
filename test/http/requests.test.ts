import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { createTestService } from '../support/service.ts';
import { createRequestsWorld, type Entry } from './requests-world.ts';

const database = await createTestDatabase();
const { service, home, foreign, call, issue, list, callsOf } = await createRequestsWorld(database);

const told = (entries: Entry[]) => entries.map(({ method, route, status }) => [method, route, status]);

describe('a management call', () => {
  it('is in the log as soon as it is answered: who, what, from where, when, and what came of it', async () => {
    const caller = await issue(['tokens:read']);
    const before = Date.now();
    const { headers } = await call('GET', '/v1/tokens?limit=1', {
      by: caller,
      headers: { 'user-agent': 'curl/8.5.0', 'x-request-id': 'req-of-mine' },
      address: '192.0.2.7',
    });
    expect(headers.get('x-request-id')).toBe('req-of-mine');
    const [entry, ...others] = await callsOf(caller);
    expect(others).toEqual([]);
    expect(entry).toEqual({
      id: expect.stringMatching(/^log_/),
      at: expect.any(String),
      principal: caller.id,
      method: 'GET',
      route: '/v1/tokens',
      status: 200,
      duration_ms: expect.any(Number),
      request_id: 'req-of-mine',
      ip: '192.0.2.7',
      user_agent: 'curl/8.5.0',
    });
    const at = Date.parse(String(entry?.at));
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  });

  it('tells no log a credential that its sender has put into the name of the client or of the request', async () => {
    const caller = await issue(['tokens:write']);
    const json = { name: 'careless', scopes: ['tokens:write'] };
    const headers = { 'user-agent': `curl ${caller.secret}`, 'x-request-id': caller.secret };
    expect((await call('POST', '/v1/tokens', { by: caller, headers, json })).status).toBe(201);
    const [entry] = await callsOf(caller);
    expect(entry).toMatchObject({
      request_id: expect.stringMatching(/^req_/),
      user_agent: expect.stringMatching(/^curl .+…$/),
    });
    const events = await call('GET', `/v1/audit-log?actor=${caller.id}`);
    expect(events.text).toContain('careless');
    expect(events.text).not.toContain(caller.secret);
  });

  it('is in the log whatever came of it', async () => {
    const caller = await issue(['tokens:read']);
    const missing = 'tkn_01kav3c4r8e0jbwn7sgm5zkqd2';
    await call('GET', `/v1/tokens/${missing}`, { by: caller });
    await call('POST', '/v1/tokens', { by: caller, json: { name: 'no', scopes: ['a:read'] } });
    await call('GET', '/v1/tokens?limit=1000', { by: caller });
    await call('GET', '/v1/tokens?limit=1&limit=2', { by: caller });
    await call('GET', '/v1/settings', { by: caller });
    await call('POST', '/v1/audit-log/erasures', { by: caller, json: {} });
    expect(told(await callsOf(caller))).toEqual([
      ['POST', '/v1/audit-log/erasures', 403],
      ['GET', '/v1/settings', 403],
      ['GET', '/v1/tokens', 400],
      ['GET', '/v1/tokens', 422],
      ['POST', '/v1/tokens', 403],
      ['GET', '/v1/tokens/{id}', 404],
    ]);
  });

  it('that was one too many is in the log too', async () => {
    const limited = await createTestService(database, { TOOKEN_RATE_REQUESTS: '2/3600s' });
    const caller = await issue();
    for (let n = 0; n < 3; n += 1) await limited.call('GET', '/v1/whoami', { secret: caller.secret });
    await limited.context.requestLog.flush();
    expect((await callsOf(caller)).map(({ status }) => status)).toEqual([429, 200, 200]);
  });

  it('that a token makes on itself is there, as is the revocation of a token by its value', async () => {
    const [caller, other] = [await issue(['tokens:write']), await issue()];
    await call('HEAD', '/v1/whoami', { by: caller });
    const form = (token: string) => ({
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token }).toString(),
    });
    const revoke = (token: string) =>
      service.call('POST', '/v1/tokens/revoke', { secret: caller.secret, ...form(token) });
    await revoke('nonsense');
    await revoke(other.secret);
    await service.call('POST', '/v1/tokens/revoke', { secret: caller.secret, ...form('') });
    await revoke(caller.secret);
    await revoke(caller.secret);
    expect(told(await callsOf(caller))).toEqual([
      ['POST', '/v1/tokens/revoke', 200],
      ['POST', '/v1/tokens/revoke', 400],
      ['POST', '/v1/tokens/revoke', 200],
      ['POST', '/v1/tokens/revoke', 200],
      ['HEAD', '/v1/whoami', 200],
    ]);
  });

  it('of a transparency log that anybody may read is there when a credential came with it', async () => {
    await call('PATCH', '/v1/settings', {
      by: foreign.live,
      json: { audit_tree_public: true },
      headers: { 'if-match': (await call('GET', '/v1/settings', { by: foreign.live })).headers.get('etag') ?? '' },
    });
    const caller = await issue(['audit:read']);
    await call('GET', `/logs/${foreign.id}/checkpoint`, { by: caller });
    await call('GET', `/logs/${home.id}/tile/0/000`, { by: caller });
    expect((await callsOf(caller)).map(({ route }) => route)).toEqual([
      '/logs/{workspace}/tile/{level}/{index}',
      '/logs/{workspace}/checkpoint',
    ]);
  });

  it('that goes on and on is there once it has begun', async () => {
    const caller = await issue(['audit:read']);
    await call('GET', '/v1/audit-log/stream', { by: caller });
    expect(told(await callsOf(caller))).toEqual([['GET', '/v1/audit-log/stream', 200]]);
  });

  it('shows neither path, query nor body', async () => {
    const caller = await issue(['tokens:read', 'tokens:write']);
    const target = await issue();
    await call('GET', `/v1/tokens/${target.id}?secretive=1`, { by: caller });
    await call('POST', '/v1/tokens', { by: caller, json: { name: 'told-to-nobody', scopes: ['tokens:read'] } });
    const text = JSON.stringify(await callsOf(caller));
    for (const part of [target.id, 'secretive', 'told-to-nobody', caller.secret]) expect(text).not.toContain(part);
  });

  it('keeps what a hostile client says as text, and no more than 512 characters of it', async () => {
    const caller = await issue();
    const hostile = `"},{"id":null}]'); drop table request_log; -- \\ \\u0000 {1,2} \t é`;
    await call('GET', '/v1/whoami', { by: caller, headers: { 'user-agent': hostile } });
    await call('GET', '/v1/whoami', { by: caller, headers: { 'user-agent': 'x'.repeat(5_000) } });
    await call('GET', '/v1/whoami', {
      by: caller,
      headers: { 'x-request-id': '"}\\forged', 'x-forwarded-for': "1.2.3.4'--", 'user-agent': '' },
    });
    const [third, second, first] = await callsOf(caller);
    expect(first?.user_agent).toBe(hostile);
    expect(second?.user_agent).toBe('x'.repeat(512));
    expect(third).toMatchObject({ request_id: expect.stringMatching(/^req_/), user_agent: '' });
    expect(third?.ip).not.toContain("'");
  });
});

describe('what is not in the log', () => {
  it.each<[string, (token: string) => Promise<unknown>]>([
    ['introspections, which usage counts', (token) => introspect('/v1/tokens/introspect', token)],
    ['batches of introspections', (token) => introspect('/v1/tokens/introspect/batch', token)],
    ['calls with a credential that does not hold', () => call('GET', '/v1/whoami', { by: { secret: 'nonsense' } })],
    ['calls without any', () => service.call('GET', '/v1/whoami')],
    ['what is no operation', () => call('GET', '/v1/nowhere')],
    ['the description of the API', () => call('GET', '/openapi.json')],
    ['health checks', () => call('GET', '/healthz')],
  ])('%s', async (_, act) => {
    const { secret } = await issue();
    const [newest] = (await list({ limit: '1' })).data;
    await act(secret);
    const { data } = await list({ limit: '2' });
    // Between the two lists, only the first of them.
    expect(data[1]?.id).toBe(newest?.id);
    expect(data[0]?.route).toBe('/v1/requests');
  });

  const introspect = (path: string, token: string) =>
    service.call('POST', path, {
      secret: home.live.secret,
      ...(path.endsWith('batch')
        ? { json: { tokens: [{ token }] } }
        : {
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: new URLSearchParams({ token }).toString(),
          }),
    });
});

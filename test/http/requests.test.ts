import { beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { addPerson, IN_TEST } from '../support/people.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';

const database = await createTestDatabase();
const service = await createTestService(database, { TOOKEN_TRUST_PROXY: '127.0.0.0/8' });
let home: TestWorkspace;
let foreign: TestWorkspace;

beforeAll(async () => {
  home = await service.addWorkspace('home');
  foreign = await service.addWorkspace('foreign');
});

type Caller = { readonly secret: string };
type Entry = Record<string, unknown>;

interface Extras {
  readonly by?: Caller;
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
  readonly address?: string;
}

const call = (method: string, path: string, { by = home.live, ...rest }: Extras = {}) =>
  service.call(method, path, { secret: by.secret, ...rest });

async function issue(scopes: string[] = ['invoices:read'], by: Caller = home.live) {
  const { body } = await call('POST', '/v1/tokens', { by, json: { name: 'token', scopes } });
  return { id: body.token.id as string, secret: body.secret as string };
}

async function list(query: Record<string, string> = {}, by: Caller = home.live) {
  const answer = await call('GET', `/v1/requests?${new URLSearchParams(query)}`, { by });
  expect(answer.status, answer.text).toBe(200);
  return answer.body as { data: Entry[]; next_cursor: string | null };
}

/** What the log has of a token's calls. */
const callsOf = async ({ id }: { id: string }, query: Record<string, string> = {}, by?: Caller) =>
  (await list({ principal: id, ...query }, by)).data;

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

describe('GET /v1/requests', () => {
  describe('narrows down by', () => {
    let caller: { id: string; secret: string };
    beforeAll(async () => {
      caller = await issue(['tokens:read', 'tokens:write']);
      const from = (address: string) => ({ by: caller, address });
      await call('GET', '/v1/tokens', from('192.0.2.1'));
      await call('GET', '/v1/tokens', from('2001:db8::1'));
      await call('POST', '/v1/tokens', { ...from('192.0.2.1'), json: { name: 'new', scopes: ['tokens:read'] } });
      await call('GET', '/v1/tokens/tkn_01kav3c4r8e0jbwn7sgm5zkqd2', from('192.0.2.2'));
      await call('GET', '/v1/settings', from('192.0.2.1'));
    });

    const soon = () => new Date(Date.now() + 60_000).toISOString();
    const past = () => new Date(Date.now() - 3_600_000).toISOString();
    it.each<[string, () => Record<string, string>, number]>([
      ['principal', () => ({}), 5],
      ['method', () => ({ method: 'GET' }), 4],
      ['another method', () => ({ method: 'POST' }), 1],
      ['a method that was not used', () => ({ method: 'DELETE' }), 0],
      ['route', () => ({ route: '/v1/tokens' }), 3],
      ['method and route', () => ({ method: 'POST', route: '/v1/tokens' }), 1],
      ['a route with a parameter', () => ({ route: '/v1/tokens/{id}' }), 1],
      ['a path, which is no route', () => ({ route: '/v1/tokens/tkn_01kav3c4r8e0jbwn7sgm5zkqd2' }), 0],
      ['status', () => ({ status: '404' }), 1],
      ['class of statuses', () => ({ status: '4xx' }), 2],
      ['class without any', () => ({ status: '5xx' }), 0],
      ['class and route', () => ({ status: '2xx', route: '/v1/tokens' }), 3],
      ['class and method', () => ({ status: '2xx', method: 'GET' }), 2],
      ['address', () => ({ ip: '192.0.2.1' }), 3],
      ['address as mapped into IPv6', () => ({ ip: '::ffff:192.0.2.1' }), 3],
      ['an address of IPv6, however it is written', () => ({ ip: '2001:DB8:0::1' }), 1],
      ['beginning', () => ({ since: past() }), 5],
      ['a beginning to come', () => ({ since: soon() }), 0],
      ['end', () => ({ until: soon() }), 5],
      ['an end long past', () => ({ until: past() }), 0],
      [
        'all at once',
        () => ({
          method: 'GET',
          route: '/v1/tokens',
          status: '200',
          ip: '192.0.2.1',
          since: past(),
          until: soon(),
        }),
        1,
      ],
    ])('%s', async (_, query, count) => {
      expect(await callsOf(caller, query())).toHaveLength(count);
    });

    it('the times of a call itself: from it on, and not up to it', async () => {
      const entries = await callsOf(caller);
      const at = String(entries[2]?.at);
      const from = await callsOf(caller, { since: at });
      const to = await callsOf(caller, { until: at });
      expect(from.map(({ id }) => id)).toContain(entries[2]?.id);
      expect([...from, ...to].map(({ id }) => id)).toEqual(entries.map(({ id }) => id));
    });

    it.each([
      { principal: 'usr_01kav3c4r8e0jbwn7sgm5zkqd2' },
      { principal: "key_' or 1=1" },
      { method: 'get' },
      { method: 'TRACE' },
      { route: 'v1/tokens' },
      { route: `/${'x'.repeat(200)}` },
      { route: '/v1/ tokens' },
      { status: '4' },
      { status: '40x' },
      { status: '600' },
      { status: '4xx,5xx' },
      { ip: '192.0.2.0/24' },
      { ip: 'localhost' },
      { since: 'yesterday' },
      { since: '2027-02-01T00:00:00Z', until: '2027-01-01T00:00:00Z' },
      { limit: '0' },
      { limit: '201' },
      { user_agent: 'curl' },
    ])('nothing it does not know: %j', async (query) => {
      const { status, body } = await call('GET', `/v1/requests?${new URLSearchParams(query)}`);
      expect([status, body.error]).toEqual([422, 'validation_failed']);
      expect(body.details).toHaveLength(1);
    });
  });

  describe('pages', () => {
    let caller: { id: string; secret: string };
    beforeAll(async () => {
      caller = await issue(['tokens:read', 'tokens:write']);
      const paths = ['/v1/whoami', '/v1/tokens', '/v1/settings', '/v1/scopes'];
      for (let n = 0; n < 25; n += 1) await call('GET', paths[n % paths.length] ?? '', { by: caller });
    });

    it.each<[string, Record<string, string>, number]>([
      ['of all its calls', {}, 25],
      ['of a class', { status: '2xx' }, 19],
      ['of a method', { method: 'GET' }, 25],
      ['of a route', { route: '/v1/whoami' }, 7],
    ])('%s hold each call once, newest first', async (_, filter, count) => {
      const found: Entry[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const query: Record<string, string> = { principal: caller.id, limit: '4', ...filter };
        const page = await list(cursor === '' ? query : { ...query, cursor });
        found.push(...page.data);
        cursor = page.next_cursor;
      }
      expect(new Set(found.map(({ id }) => id)).size).toBe(count);
      expect(found).toHaveLength(count);
      const times = found.map(({ at }) => String(at));
      expect(times).toEqual(times.toSorted().reverse());
    });

    it('without a filter follow one another too', async () => {
      const first = await list({ limit: '200' });
      const page = await list({ limit: '1' });
      const next = await list({ limit: '2', cursor: page.next_cursor ?? '' });
      expect(page.data[0]?.route).toBe('/v1/requests');
      expect(next.data[0]).toEqual(first.data[0]);
    });

    it('end a cursor with its filters, environment, workspace and list', async () => {
      const { next_cursor: cursor } = await list({ principal: caller.id, limit: '2' });
      if (cursor === null) throw new Error('there are more');
      expect(await callsOf(caller, { limit: '3', cursor })).toHaveLength(3);
      for (const [path, query, by] of [
        ['/v1/requests', {}, home.live],
        ['/v1/requests', { principal: caller.id, status: '2xx' }, home.live],
        ['/v1/requests', { principal: caller.id }, home.test],
        ['/v1/requests', { principal: caller.id }, foreign.live],
        ['/v1/usage', {}, home.live],
        ['/v1/tokens', {}, home.live],
      ] as const) {
        const { status, body } = await call('GET', `${path}?${new URLSearchParams({ ...query, cursor })}`, { by });
        expect([status, body.error]).toEqual([400, 'invalid_request']);
      }
    });
  });

  it('shows nobody what is of another workspace or environment', async () => {
    const mine = await issue(['tokens:read']);
    const tested = await issue(['tokens:read'], home.test);
    for (const by of [mine, tested]) await call('GET', '/v1/whoami', { by, address: '192.0.2.99' });
    expect(await callsOf(mine)).toHaveLength(1);
    expect(await callsOf(tested)).toEqual([]);
    expect(await callsOf(tested, {}, home.test)).toHaveLength(1);
    for (const by of [home.test, foreign.live, foreign.test]) {
      for (const query of [{}, { principal: mine.id }, { ip: '192.0.2.99', limit: '200' }, { route: '/v1/whoami' }]) {
        expect(JSON.stringify(await list(query, by))).not.toContain(mine.id);
      }
    }
  });

  it('is for owners, admins and auditors too, each environment by itself; their own calls are not in it', async () => {
    const [tested, caller] = [await issue(['tokens:read'], home.test), await issue(['tokens:read'])];
    for (const by of [tested, caller]) await call('GET', '/v1/whoami', { by });
    for (const access of ['owner', 'admin', 'auditor'] as const) {
      const by = await addPerson(service, home, { access });
      expect(await callsOf(caller, {}, by)).toHaveLength(1);
      expect(await callsOf(tested, {}, by)).toEqual([]);
      const inTest = await call('GET', `/v1/requests?principal=${tested.id}`, { by, headers: IN_TEST });
      expect(inTest.body.data).toHaveLength(1);
      expect(JSON.stringify(await list({ limit: '200' }))).not.toContain(by.id);
    }
    const member = await addPerson(service, home, { access: 'member', scopes: ['tokens:read'] });
    expect((await call('GET', '/v1/requests', { by: member })).status).toBe(403);
    expect(JSON.stringify(await list({ limit: '200' }))).not.toContain(member.id);
  });

  it('is for tokens with audit:read alone', async () => {
    const [reader, other] = [await issue(['audit:read']), await issue(['tokens:read', 'tokens:write'])];
    expect((await call('GET', '/v1/requests', { by: reader })).status).toBe(200);
    const refused = await call('GET', '/v1/requests', { by: other });
    expect([refused.status, refused.body.error]).toEqual([403, 'insufficient_scope']);
  });
});

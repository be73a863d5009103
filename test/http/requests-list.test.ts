import { beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { addPerson, IN_TEST } from '../support/people.ts';
import { createRequestsWorld, type Entry } from './requests-world.ts';

const { service, home, foreign, call, issue, list, callsOf } = await createRequestsWorld(await createTestDatabase());

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

import { beforeAll, describe, expect, it, vi } from 'vitest';
import { send } from '../support/answer.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { createTestService, type TestKey, type TestWorkspace } from '../support/service.ts';
import { startService } from '../support/service-process.ts';

const database = await createTestDatabase();
const service = await createTestService(database);
let home: TestWorkspace;
let foreign: TestWorkspace;

beforeAll(async () => {
  home = await service.addWorkspace('home');
  foreign = await service.addWorkspace('foreign');
});

interface Issued {
  readonly id: string;
  readonly secret: string;
}

const call = (method: string, path: string, json?: unknown, { secret }: { secret: string } = home.live) =>
  service.call(method, path, { secret, ...(json !== undefined && { json }) });

async function issue(fields: Record<string, unknown> = {}, by: TestKey = home.live): Promise<Issued> {
  const { body } = await call('POST', '/v1/tokens', { name: 'token', scopes: ['invoices:read'], ...fields }, by);
  return { id: body.token.id, secret: body.secret };
}

const introspect = (token: string, parameters: Record<string, string> = {}, by: { secret: string } = home.live) =>
  call('POST', '/v1/tokens/introspect', { token, ...parameters }, by);

async function usage(query: Record<string, string> = {}, by: { secret: string } = home.live) {
  const answer = await call('GET', `/v1/usage?${new URLSearchParams(query)}`, undefined, by);
  expect(answer.status, answer.text).toBe(200);
  return answer.body as { data: Record<string, unknown>[]; next_cursor: string | null };
}

/** Waits until all uses so far are written. */
const eventually = (query: Record<string, string>, count: number) =>
  vi.waitFor(async () => expect(await countOf(query)).toBe(count), { timeout: 10_000 });

const countOf = async (query: Record<string, string>) =>
  (await usage({ bucket: 'day', ...query })).data.reduce((sum, row) => sum + Number(row.count), 0);

describe('GET /v1/usage', () => {
  it('tells who asked about which token, from where and with what outcome', async () => {
    const token = await issue();
    for (let n = 0; n < 3; n += 1) await introspect(token.secret, { client_ip: '192.0.2.7' });
    await introspect(token.secret, { required_scope: 'invoices:write' });
    await eventually({ token_id: token.id }, 4);
    const { data } = await usage({ bucket: 'day', token_id: token.id, outcome: 'active' });
    expect(data).toEqual([
      {
        bucket: 'day',
        starts_at: expect.stringMatching(/T00:00:00\.000Z$/),
        token_id: token.id,
        introspector_id: home.live.id,
        source: '192.0.2.7',
        outcome: 'active',
        secret: 'current',
        count: 3,
        last_used_at: expect.any(String),
      },
    ]);
    expect((await usage({ bucket: 'day', token_id: token.id, outcome: 'missing_scope' })).data).toMatchObject([
      { source: null, count: 1 },
    ]);
  });

  it('tells why a token was denied, and that what is unknown is', async () => {
    const gateway = await issue({ scopes: ['tokens:introspect'] });
    const listed = await issue({ allowed_cidrs: ['192.0.2.0/24'] });
    const revoked = await issue();
    await call('POST', `/v1/tokens/${revoked.id}/revoke`, {});
    const ask = (token: string, parameters: Record<string, string> = {}) => introspect(token, parameters, gateway);
    await ask(listed.secret);
    await ask(listed.secret, { client_ip: '198.51.100.1' });
    await ask(revoked.secret);
    await ask((await issue({}, foreign.live)).secret);
    await ask((await issue({}, home.test)).secret);
    await ask(home.live.secret);
    await ask('nonsense');
    await eventually({ introspector_id: gateway.id }, 7);
    const { data } = await usage({ bucket: 'day', introspector_id: gateway.id });
    expect(
      data.map(({ token_id, source, outcome, count }) => [token_id, source, outcome, count].join()).sort(),
    ).toEqual(
      [
        [listed.id, null, 'address_unknown', 1],
        [listed.id, '198.51.100.1', 'address_not_allowed', 1],
        [revoked.id, null, 'revoked', 1],
        [null, null, 'unknown', 3],
        [null, null, 'malformed', 1],
      ]
        .map((row) => row.join())
        .sort(),
    );
    const { body } = await call('GET', `/v1/audit-log?action=token.use_denied&actor=${gateway.id}`);
    expect(body.data.map(({ reason }: { reason: string }) => reason).sort()).toEqual([
      'address_not_allowed',
      'address_unknown',
      'revoked',
    ]);
  });

  it('counts the calls that a token makes to Tooken itself', async () => {
    const reader = await issue({ scopes: ['tokens:read'] });
    for (let n = 0; n < 2; n += 1) await call('GET', '/v1/whoami', undefined, reader);
    await eventually({ token_id: reader.id }, 2);
    expect((await usage({ bucket: 'day', token_id: reader.id })).data).toMatchObject([
      { introspector_id: null, source: '127.0.0.1', outcome: 'active', secret: 'current', count: 2 },
    ]);
  });

  describe('narrows down by', () => {
    let token: Issued;
    let gateway: Issued;
    beforeAll(async () => {
      [token, gateway] = [await issue(), await issue({ scopes: ['tokens:introspect'] })];
      await introspect(token.secret, { client_ip: '192.0.2.1' });
      await introspect(token.secret, { client_ip: '2001:db8::1' }, gateway);
      const rotated = await call('POST', `/v1/tokens/${token.id}/rotate`, { grace_seconds: 600 });
      await introspect(token.secret, { client_ip: '192.0.2.1' });
      await introspect(rotated.body.secret, { required_scope: 'other:read', client_ip: '192.0.2.2' });
      await eventually({ token_id: token.id }, 4);
    });

    it.each<[string, () => Record<string, string>, number]>([
      ['token', () => ({ token_id: token.id }), 4],
      ['introspector', () => ({ introspector_id: gateway.id }), 1],
      ['source', () => ({ token_id: token.id, source: '192.0.2.1' }), 2],
      ['source as mapped into IPv6', () => ({ token_id: token.id, source: '::ffff:192.0.2.1' }), 2],
      ['an address of an IPv6 source', () => ({ token_id: token.id, source: '2001:DB8::ffff' }), 1],
      ['an IPv6 source as usage tells it', () => ({ token_id: token.id, source: '2001:db8::/64' }), 1],
      ['previous secret', () => ({ token_id: token.id, secret: 'previous' }), 1],
      ['current secret', () => ({ token_id: token.id, secret: 'current' }), 3],
      ['outcome', () => ({ token_id: token.id, outcome: 'missing_scope' }), 1],
      ['several outcomes', () => ({ token_id: token.id, outcome: 'active,missing_scope,revoked' }), 4],
      ['minute', () => ({ token_id: token.id, bucket: 'minute' }), 4],
      ['hour', () => ({ token_id: token.id, bucket: 'hour' }), 4],
      ['start', () => ({ token_id: token.id, since: new Date(Date.now() - 2 * 86_400_000).toISOString() }), 4],
      [
        'a start still to come',
        () => ({ token_id: token.id, since: new Date(Date.now() + 86_400_000).toISOString() }),
        0,
      ],
      ['an end long past', () => ({ token_id: token.id, until: '2020-01-01T00:00:00Z' }), 0],
      [
        'all at once',
        () => ({
          introspector_id: home.live.id,
          token_id: token.id,
          secret: 'previous',
          source: '192.0.2.1',
          outcome: 'active',
          since: '2020-01-01T00:00:00Z',
          until: '2200-01-01T00:00:00Z',
        }),
        1,
      ],
    ])('%s', async (_, query, count) => {
      expect(await countOf(query())).toBe(count);
    });

    it.each([
      { token_id: 'key_01kav3c4r8e0jbwn7sgm5zkqd2' },
      { introspector_id: 'somebody' },
      { outcome: 'active,gone' },
      { secret: 'old' },
      { source: '192.0.2.0/24' },
      { source: '2001:db8::/48' },
      { bucket: 'week' },
      { since: 'yesterday' },
      { limit: '201' },
      { group_by: 'token' },
    ])('nothing it does not know: %j', async (query) => {
      const { status, body } = await call('GET', `/v1/usage?${new URLSearchParams(query)}`);
      expect([status, body.error]).toEqual([422, 'validation_failed']);
    });
  });

  describe('pages', () => {
    const sources = Array.from({ length: 25 }, (_, n) => `10.1.0.${n}`);
    let token: Issued;
    beforeAll(async () => {
      token = await issue();
      for (const client_ip of sources) await introspect(token.secret, { client_ip });
      await eventually({ token_id: token.id }, 25);
    });

    it('hold each entry once, newest first', async () => {
      const found: unknown[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const query: Record<string, string> = { token_id: token.id, bucket: 'minute', limit: '7' };
        const page = await usage(cursor === '' ? query : { ...query, cursor });
        found.push(...page.data);
        cursor = page.next_cursor;
      }
      const rows = found as { source: string; starts_at: string }[];
      expect(rows.map(({ source }) => source).sort()).toEqual(sources.toSorted());
      expect(rows.map(({ starts_at }) => starts_at)).toEqual(
        rows
          .map(({ starts_at }) => starts_at)
          .toSorted()
          .reverse(),
      );
    });

    it('end a cursor with its filters, bucket, environment and workspace', async () => {
      const { next_cursor: cursor } = await usage({ token_id: token.id, limit: '2' });
      if (cursor === null) throw new Error('there are more');
      expect((await usage({ token_id: token.id, limit: '3', cursor })).data).toHaveLength(3);
      for (const [query, by] of [
        [{}, home.live],
        [{ token_id: token.id, bucket: 'day' }, home.live],
        [{ token_id: token.id, outcome: 'active' }, home.live],
        [{ token_id: token.id }, home.test],
        [{ token_id: token.id }, foreign.live],
      ] as const) {
        const { status, body } = await call(
          'GET',
          `/v1/usage?${new URLSearchParams({ ...query, cursor })}`,
          undefined,
          by,
        );
        expect([status, body.error]).toEqual([400, 'invalid_request']);
      }
    });
  });

  it('shows nobody what is of another workspace or environment', async () => {
    const mine = await issue();
    const tested = await issue({}, home.test);
    await introspect(mine.secret, { client_ip: '192.0.2.99' });
    await introspect(tested.secret, { client_ip: '192.0.2.98' }, home.test);
    await eventually({ token_id: mine.id }, 1);
    await expect.poll(async () => (await usage({}, home.test)).data.length, { timeout: 10_000 }).toBeGreaterThan(0);
    for (const by of [home.test, foreign.live, foreign.test]) {
      for (const query of [{}, { token_id: mine.id }, { introspector_id: home.live.id }, { source: '192.0.2.99' }]) {
        expect(JSON.stringify(await usage(query, by))).not.toContain(mine.id);
      }
    }
    expect((await usage({ token_id: tested.id })).data).toEqual([]);
    expect((await usage({ token_id: tested.id }, home.test)).data).toHaveLength(1);
  });

  it('is open to tokens with tokens:read, of their own environment', async () => {
    const token = await issue();
    await introspect(token.secret);
    await eventually({ token_id: token.id }, 1);
    const reader = await issue({ scopes: ['tokens:read'] });
    expect((await usage({ token_id: token.id }, reader)).data).toHaveLength(1);
    const testReader = await issue({ scopes: ['tokens:read'] }, home.test);
    expect((await usage({ token_id: token.id }, testReader)).data).toEqual([]);
  });
});

describe('a token shows', () => {
  it('when and from where it was last used', async () => {
    const token = await issue();
    const before = Date.now();
    await introspect(token.secret, { client_ip: '2001:db8::7' });
    await expect
      .poll(async () => (await call('GET', `/v1/tokens/${token.id}`)).body.last_used_from, { timeout: 10_000 })
      .toBe('2001:db8::7');
    const { body } = await call('GET', `/v1/tokens/${token.id}`);
    expect(Date.parse(body.last_used_at)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(body.last_used_at)).toBeLessThanOrEqual(Date.now());
  });

  it('who still uses the previous secret, while an overlap runs', async () => {
    const gateway = await issue({ scopes: ['tokens:introspect'] });
    const token = await issue();
    await introspect(token.secret, { client_ip: '192.0.2.1' });
    const rotated = await call('POST', `/v1/tokens/${token.id}/rotate`, { grace_seconds: 600 });
    expect(rotated.body.token.previous_secret_used_by).toEqual([]);
    await introspect(token.secret, { client_ip: '192.0.2.1' });
    await introspect(token.secret, { client_ip: '192.0.2.1' });
    await introspect(token.secret, {}, gateway);
    await introspect(rotated.body.secret, { client_ip: '192.0.2.3' });
    await eventually({ token_id: token.id, secret: 'previous' }, 3);
    const { body } = await call('GET', `/v1/tokens/${token.id}`);
    // Both may have been last in the same millisecond.
    expect(body.previous_secret_used_by).toHaveLength(2);
    expect(body.previous_secret_used_by).toEqual(
      expect.arrayContaining([
        { introspector_id: gateway.id, source: null, last_used_at: expect.any(String), count: 1 },
        { introspector_id: home.live.id, source: '192.0.2.1', last_used_at: expect.any(String), count: 2 },
      ]),
    );
    const list = await call('GET', '/v1/tokens?limit=200');
    const listed = list.body.data.find(({ id }: Issued) => id === token.id);
    expect(listed.previous_secret_used_by).toEqual(body.previous_secret_used_by);

    const again = await call('POST', `/v1/tokens/${token.id}/rotate`, { grace_seconds: 600 });
    expect(again.body.token.previous_secret_used_by).toEqual([]);
    expect((await call('GET', `/v1/tokens/${token.id}`)).body.previous_secret_used_by).toEqual([]);
    await introspect(rotated.body.secret, { client_ip: '192.0.2.4' });
    await eventually({ token_id: token.id, secret: 'previous' }, 4);
    expect((await call('GET', `/v1/tokens/${token.id}`)).body.previous_secret_used_by).toMatchObject([
      { source: '192.0.2.4' },
    ]);
    const finished = await call('POST', `/v1/tokens/${token.id}/rotate/finish`, {});
    expect((finished.body.token ?? finished.body).previous_secret_used_by).toEqual([]);
  });

  it('that a holder still calls Tooken itself with the previous secret', async () => {
    const gateway = await issue({ scopes: ['tokens:introspect'] });
    await call('POST', `/v1/tokens/${gateway.id}/rotate`, { grace_seconds: 600 });
    await introspect('nonsense', {}, gateway);
    await eventually({ token_id: gateway.id, secret: 'previous' }, 1);
    expect((await call('GET', `/v1/tokens/${gateway.id}`)).body.previous_secret_used_by).toMatchObject([
      { introspector_id: null, source: '127.0.0.1', count: 1 },
    ]);
  });
});

describe('a service that is told to stop', () => {
  it('writes what it has counted before it ends', async () => {
    const { app } = await createTestDatabase();
    const env = { DATABASE_URL: databaseUrl(app), TOOKEN_MASTER_KEY: Buffer.alloc(32, 9).toString('base64') };
    const first = await startService(env);
    const secret = first.apiKey ?? '';
    const { body } = await send({ url: first.url, secret }, 'POST', '/v1/tokens', { name: 'last', scopes: ['a:read'] });
    for (let n = 0; n < 5; n += 1)
      await send({ url: first.url, secret }, 'POST', '/v1/tokens/introspect', { token: body.secret });
    expect(await first.stop('SIGTERM')).toBe(0);
    const second = await startService(env);
    const answer = await send({ url: second.url, secret }, 'GET', `/v1/usage?bucket=day&token_id=${body.token.id}`);
    expect(answer.body.data).toMatchObject([{ count: 5 }]);
    await second.stop();
  }, 60_000);
});

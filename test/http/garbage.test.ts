import { beforeAll, describe, expect, it } from 'vitest';
import type { OperationAccess } from '../../src/rights/operation.ts';
import { OPERATIONS } from '../../src/rights/rights.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';

const database = await createTestDatabase();
const service = await createTestService(database);
let workspace: TestWorkspace;
let tokenId: string;

beforeAll(async () => {
  workspace = await service.addWorkspace('garbage');
  const { body } = await send('POST', '/v1/tokens', { json: { name: 'token', scopes: ['a:read'] } });
  tokenId = body.token.id;
});

type Options = NonNullable<Parameters<typeof service.call>[2]>;
const send = (method: string, path: string, options: Options = {}) =>
  service.call(method, path, { secret: workspace.live.secret, ...options });
const sendRaw = (body: string | Uint8Array, type = 'application/json') =>
  send('POST', '/v1/tokens', { body, headers: { 'content-type': type } });
const good = { name: 'token', scopes: ['a:read'] };
const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe('a malformed body gets its 4xx', () => {
  it.each([
    ['no JSON', '{"name":', 400, 'invalid_request'],
    ['not JSON at all', 'name=x', 400, 'invalid_request'],
    ['bad UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22]), 400, 'invalid_request'],
    ['overlong UTF-8', new Uint8Array([0x22, 0xc0, 0xaf, 0x22]), 400, 'invalid_request'],
    ['a NUL in a name', '{"name":"a\\u0000b","scopes":["a:read"]}', 400, 'invalid_request'],
    ['a lone surrogate', '{"name":"\\ud800","scopes":["a:read"]}', 400, 'invalid_request'],
    ['a lone surrogate as key', '{"name":"x","scopes":["a:read"],"metadata":{"\\udc00":1}}', 400, 'invalid_request'],
    [
      'a NUL deep in metadata',
      '{"name":"x","scopes":["a:read"],"metadata":{"a":[{"b":"\\u0000"}]}}',
      400,
      'invalid_request',
    ],
    ['__proto__', '{"name":"x","scopes":["a:read"],"metadata":{"__proto__":{"a":1}}}', 400, 'invalid_request'],
    ['deep nesting', `{"name":"x","scopes":["a:read"],"metadata":${nested(100)}}`, 400, 'invalid_request'],
    ['very deep nesting', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 400, 'invalid_request'],
    ['an array', '[]', 422, 'validation_failed'],
    ['a number', '1', 422, 'validation_failed'],
    ['null', 'null', 422, 'validation_failed'],
    ['an unknown field', JSON.stringify({ ...good, nam: 'x' }), 422, 'validation_failed'],
    ['1 MB', JSON.stringify({ ...good, description: 'x'.repeat(1_000_000) }), 413, 'payload_too_large'],
  ])('%s', async (_case, body, status, error) => {
    const answer = await sendRaw(body);
    expect([answer.status, answer.body.error], answer.text).toEqual([status, error]);
    expect(answer.body.message).toMatch(/\.$/);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/jsonp',
    '',
  ])('content type %j', async (type) => {
    const answer = await sendRaw(JSON.stringify(good), type);
    expect([answer.status, answer.body.error]).toEqual([415, 'unsupported_media_type']);
  });

  it('names every unknown or invalid field', async () => {
    const { body } = await send('POST', '/v1/tokens', {
      json: { name: '', scopes: ['a:read', 'NO'], metadata: [], colour: 'red' },
    });
    const paths = body.details.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(expect.arrayContaining(['name', 'scopes[1]', 'metadata', 'colour']));
  });

  it.each([
    ['POST', '/v1/tokens', {}, 'name', 'is required'],
    ['POST', '/v1/tokens', { name: 7 }, 'name', 'must be a string'],
    ['POST', '/v1/tokens', { name: 'x', scopes: 'a:read' }, 'scopes', 'must be a list'],
    ['POST', '/v1/tokens', { name: 'x', metadata: [] }, 'metadata', 'must be an object'],
    ['POST', '/v1/tokens', [], '', 'must be an object'],
    ['PATCH', '/v1/settings', { scope_catalogue_enforced: 'yes' }, 'scope_catalogue_enforced', 'must be true or false'],
    ['GET', '/v1/tokens?environment=prod', undefined, 'environment', 'must be one of live, test'],
  ])('%s %s with %j says that "%s" %s', async (method, path, json, field, message) => {
    const { body } = await send(method, path, json === undefined ? {} : { json });
    expect(body.details).toContainEqual({ path: field, message });
  });
});

describe('an absurd field gets its 422', () => {
  it.each([
    ['a name of 129 characters', { name: 'x'.repeat(129) }],
    ['a blank name', { name: '   ' }],
    ['no scopes', { scopes: [] }],
    ['101 scopes', { scopes: Array.from({ length: 101 }, (_, n) => `a${n}:read`) }],
    ['a scope with a line feed', { scopes: ['a:read\n'] }],
    ['an expiry in the past', { expires_at: '2020-01-01T00:00:00Z' }],
    ['an expiry in the year 275760', { expires_at: '+275760-09-13T00:00:00.000Z' }],
    ['an expiry on 30 February', { expires_at: '2030-02-30T00:00:00Z' }],
    ['an expiry without a zone', { expires_at: '2030-01-01T00:00:00' }],
    ['an expiry that is a number', { expires_at: 1_900_000_000 }],
    ['both expiries', { expires_at: '2030-01-01T00:00:00Z', expires_in: 60 }],
    ['zero seconds', { expires_in: 0 }],
    ['negative seconds', { expires_in: -1 }],
    ['half a second', { expires_in: 0.5 }],
    ['1e308 seconds', { expires_in: 1e308 }],
    ['a start after the end', { not_before: '2030-01-02T00:00:00Z', expires_at: '2030-01-01T00:00:00Z' }],
    ['metadata above 4 KiB', { metadata: { a: 'x'.repeat(4_100) } }],
    ['51 blocks', { allowed_cidrs: Array.from({ length: 51 }, (_, n) => `10.0.${n}.0/24`) }],
    ['a block that is none', { allowed_cidrs: ['10.0.0.0/33'] }],
  ])('%s', async (_case, fields) => {
    const answer = await send('POST', '/v1/tokens', { json: { ...good, ...fields } });
    expect([answer.status, answer.body.error], answer.text).toEqual([422, 'validation_failed']);
  });
});

describe('an absurd query gets its 4xx', () => {
  it.each([
    ['/v1/tokens?limit=0', 422],
    ['/v1/tokens?limit=201', 422],
    ['/v1/tokens?limit=1e2x', 422],
    ['/v1/tokens?limit=50&limit=60', 400],
    ['/v1/tokens?limit=50&%6cimit=60', 400],
    ['/v1/tokens?name=%00', 400],
    ['/v1/tokens?name=%ff', 400],
    ['/v1/tokens?name=%zz', 400],
    ['/v1/tokens?colour=red', 422],
    ['/v1/tokens?status=happy', 422],
    ['/v1/tokens?cursor=', 400],
    ['/v1/tokens?cursor=AAAA', 400],
    [`/v1/tokens?cursor=${'A'.repeat(1_000)}`, 400],
    ['/v1/audit-log?cursor=../../etc/passwd', 400],
    ['/v1/audit-log?action=token.exploded', 422],
    ['/v1/audit-log?actor=1%20or%201=1', 422],
    ['/v1/audit-log?ip=localhost', 422],
    ['/v1/audit-log?since=yesterday', 422],
    ['/v1/audit-log?since=0000-01-01T00:00:00Z', 422],
    ['/v1/audit-log?order=sideways', 422],
    ['/v1/audit-log?since=2027-02-01T00:00:00Z&until=2027-01-01T00:00:00Z', 422],
    ['/v1/audit-log/stream?since=2027-02-01T00:00:00Z&until=2027-01-01T00:00:00Z', 422],
    ['/v1/audit-log/export?since=2027-02-01T00:00:00Z&until=2027-01-01T00:00:00Z', 422],
    ['/v1/tokens/nonsense', 404],
    ['/v1/tokens/tkn_zzzzzzzzzzzzzzzzzzzzzzzzzz', 404],
    ['/v1/tokens/%00', 404],
    ['/v1/tokens/%ff', 404],
    ['/v1/audit-log/tkn_01kav3c4r8e0jbwn7sgm5zkqd2', 404],
    ['/v1/scopes/%E2%82', 404],
    ['/v1/nothing', 404],
    ['/nothing', 404],
  ])('GET %s: %i', async (path, status) => {
    const answer = await send('GET', path);
    expect(answer.status, answer.text).toBe(status);
    expect(answer.body).toMatchObject({ error: expect.any(String), message: expect.any(String) });
  });

  it('a method that a path does not have is 405 and names those it has', async () => {
    const answer = await send('PUT', `/v1/tokens/${tokenId}`);
    expect([answer.status, answer.body.error]).toEqual([405, 'method_not_allowed']);
    expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(['DELETE', 'GET', 'PATCH']);
  });
});

describe('hostile text is kept as it is', () => {
  it.each([
    '<script>alert(1)</script>',
    "Robert'); DROP TABLE tokens;--",
    '\u0024{jndi:ldap://x}',
    '\u202egnp.exe',
    'a\r\nSet-Cookie: b=c',
    '\u001b[31mred',
    '%_\\%',
    '👩‍👩‍👧‍👦',
    'ﷺ'.repeat(100),
  ])('%j', async (name) => {
    const issued = await send('POST', '/v1/tokens', { json: { ...good, name } });
    expect(issued.status, issued.text).toBe(201);
    expect(issued.body.token.name).toBe(name);
    const found = await send('GET', `/v1/tokens?name=${encodeURIComponent(name)}`);
    expect(found.body.data.map((token: { name: string }) => token.name)).toEqual([name]);
    const log = await send('GET', `/v1/audit-log?target=${issued.body.token.id}`);
    expect(log.body.data[0].targets[0].name).toBe(name);
  });
});

describe('every operation survives every kind of body', () => {
  const values = [null, true, 0, -1, 1e300, '', 'x', [], [null], {}, { a: {} }, [[[]]], '9'.repeat(400)];
  const fields = [
    'name',
    'scopes',
    'expires_at',
    'expires_in',
    'metadata',
    'grace_seconds',
    'reason',
    'token_prefix',
    'description',
  ];
  const writing = Object.entries<OperationAccess>(OPERATIONS).filter(([, { method }]) => method !== 'get');

  it.each(writing)('%s', async (_name, { method, path }) => {
    const url = path.replace('{id}', tokenId.replace(/.$/, '0')).replace('{name}', 'no:such');
    for (const field of fields) {
      for (const value of values) {
        const answer = await send(method.toUpperCase(), url, { json: { [field]: value } });
        expect(answer.status, `${field}: ${JSON.stringify(value)} → ${answer.text}`).toBeLessThan(500);
      }
    }
  });
});

describe('a flood of made-up credentials', () => {
  it('is answered 401 one by one, and good callers notice nothing', async () => {
    for (let n = 0; n < 10_000; n += 1) {
      const answer = await service.call('GET', '/v1/whoami', { secret: `tkn_live_${n}` });
      expect(answer.status).toBe(401);
    }
    expect((await send('GET', '/v1/whoami')).status).toBe(200);
  });
});

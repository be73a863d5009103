import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tokenBody } from '../../src/http/token-body.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestService } from '../support/service.ts';

const service = await createTestService(await createTestDatabase(), { TOOKEN_RATE_REQUESTS: 'off' });
const { live, test: testKey } = await service.addWorkspace('acme');
const other = await service.addWorkspace('other');
const terms = { name: 'a token', scopes: ['invoices:write'] };
const call = (method: string, path: string, json?: unknown, headers: Record<string, string> = {}) =>
  service.call(method, path, { secret: live.secret, ...(json !== undefined && { json }), headers });
const issue = async (json: object = {}) => (await call('POST', '/v1/tokens', { ...terms, ...json })).body;

describe('a token over HTTP', () => {
  test('lives from issue to removal, with its revision as ETag and the object of the documentation', async () => {
    const issued = await call('POST', '/v1/tokens', { ...terms, allowed_cidrs: ['10.1.2.3/8', '10.0.0.0/8', '::1'] });
    expect(issued).toMatchObject({ status: 201, body: { token: { allowed_cidrs: ['10.0.0.0/8', '::1/128'] } } });
    const path = `/v1/tokens/${issued.body.token.id}`;
    const steps = [
      issued,
      await call('GET', path),
      await call('PATCH', path, { name: 'renamed' }, { 'if-match': '"1"' }),
      await call('POST', `${path}/rotate`, { grace_seconds: 600 }, { 'if-match': 'ignored' }),
      await call('POST', `${path}/rotate/finish`),
      await call('POST', `${path}/revoke`),
      await call('POST', `${path}/revoke`, { reason: 'again' }),
    ];
    expect(steps.map(({ status }) => status)).toEqual([201, 200, 200, 200, 200, 200, 200]);
    expect(steps.map(({ headers }) => headers.get('etag'))).toEqual(['"1"', '"1"', '"2"', '"3"', '"4"', '"5"', '"5"']);
    for (const { body } of steps) {
      const { effective, ...token } = body.token ?? body;
      tokenBody.strict().parse(token);
      if (effective !== undefined) expect(effective).toEqual({ replicas: 1, waited_ms: expect.any(Number) });
    }
    expect(steps.flatMap(({ body }) => (body.token ?? body).effective_scopes)).toContain('invoices:read');
    expect(steps[3]?.body.previous.valid_until).toBe(steps[3]?.body.token.previous_secret_valid_until);
    expect(steps.slice(4).map(({ body }) => 'secret' in body)).toEqual([false, false, false]);
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
  });

  test.each([
    ['PATCH', ''],
    ['DELETE', ''],
    ['GET', ''],
    ['POST', '/rotate'],
    ['POST', '/rotate/finish'],
    ['POST', '/revoke'],
  ])('%s %s: belongs to no one else, and nothing has happened to it', async (method, suffix) => {
    const { token } = await issue();
    for (const { secret } of [testKey, other.live, other.test]) {
      const answer = await service.call(method, `/v1/tokens/${token.id}${suffix}`, {
        secret,
        ...(method !== 'GET' && method !== 'DELETE' && { json: {} }),
      });
      expect(answer).toMatchObject({ status: 404, body: { error: 'not_found' } });
    }
    expect((await call('GET', `/v1/tokens/${token.id}`)).body).toEqual(token);
  });

  test.each(['"2"', 'W/"1"', '1', '"1', '""', 'x, "9"', '"01"'])(
    'is not changed under If-Match %s',
    async (ifMatch) => {
      const { token } = await issue();
      const answer = await call('PATCH', `/v1/tokens/${token.id}`, { name: 'x' }, { 'if-match': ifMatch });
      expect(answer).toMatchObject({ status: 412, body: { error: 'precondition_failed' } });
    },
  );

  test.each(['*', '"1"', '"7" , "1"'])('is changed under If-Match %s', async (ifMatch) => {
    const { token } = await issue();
    expect((await call('PATCH', `/v1/tokens/${token.id}`, { name: 'x' }, { 'if-match': ifMatch })).status).toBe(200);
  });

  test.each(['environment', 'audience', 'not_before', 'id', 'expires_in', 'revision'])(
    '%s never changes',
    async (field) => {
      const { token } = await issue();
      expect(await call('PATCH', `/v1/tokens/${token.id}`, { [field]: 'live' })).toMatchObject({
        status: 422,
        body: { details: [{ path: field, message: 'is not a known field' }] },
      });
    },
  );

  test('is managed by tokens within their reach; a refusal is in the log', async () => {
    const manager = await issue({ name: 'manager', scopes: ['tokens:write', 'invoices:read'] });
    const { token } = await issue();
    const answer = await service.call('POST', `/v1/tokens/${token.id}/revoke`, { secret: manager.secret });
    expect(answer).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
    expect(answer.headers.get('www-authenticate')).toContain('scope="invoices:write"');
    const { body } = await call('GET', `/v1/audit-log?action=request.denied&actor=${manager.token.id}`);
    expect(body.data).toMatchObject([{ outcome: 'denied', reason: expect.stringContaining('insufficient_scope') }]);
    const child = { name: 'child', scopes: ['invoices:read'] };
    expect((await service.call('POST', '/v1/tokens', { secret: manager.secret, json: child })).status).toBe(201);
  });
});

describe('hostile and careless input', () => {
  test.each<[string, object, string]>([
    ['no name', { name: undefined }, 'name'],
    ['an empty name', { name: '  ' }, 'name'],
    ['a long name', { name: 'x'.repeat(129) }, 'name'],
    ['a long description', { description: 'x'.repeat(1025) }, 'description'],
    ['no scopes', { scopes: [] }, 'scopes'],
    ['101 scopes', { scopes: Array.from({ length: 101 }, (_, n) => `a:${n}`) }, 'scopes'],
    ['a scope in upper case', { scopes: ['a:read', 'A:read'] }, 'scopes[1]'],
    ['a wildcard', { scopes: ['*:*'] }, 'scopes[0]'],
    ['two expiries', { expires_in: 5, expires_at: '2099-01-01T00:00:00Z' }, 'expires_in'],
    ['an expiry in no time', { expires_in: 0 }, 'expires_in'],
    ['half a second', { expires_in: 0.5 }, 'expires_in'],
    ['an expiry as text', { expires_in: '60' }, 'expires_in'],
    ['endless time', { expires_in: 1e15 }, 'expires_in'],
    ['a date without time', { expires_at: '2099-01-01' }, 'expires_at'],
    ['a time without offset', { expires_at: '2099-01-01T00:00:00' }, 'expires_at'],
    ['the 30th of February', { expires_at: '2099-02-30T00:00:00Z' }, 'expires_at'],
    ['an empty audience', { audience: '' }, 'audience'],
    ['a long audience', { audience: 'x'.repeat(257) }, 'audience'],
    ['a list as metadata', { metadata: [] }, 'metadata'],
    ['large metadata', { metadata: { a: 'ü'.repeat(2045) } }, 'metadata'],
    ['a number that would lose digits', { metadata: { a: [1, { b: 2 ** 53 }] } }, 'metadata.a[1].b'],
    ['an empty address list', { allowed_cidrs: [] }, 'allowed_cidrs'],
    ['51 blocks', { allowed_cidrs: Array.from({ length: 51 }, (_, n) => `10.0.0.${n}`) }, 'allowed_cidrs'],
    ['half an address', { allowed_cidrs: ['10.0.0.1', '10.0/8'] }, 'allowed_cidrs[1]'],
    ['an environment', { environment: 'test' }, 'environment'],
    ['a secret of their own', { secret: 'tkn_live_x' }, 'secret'],
  ])('%s: refused by name', async (_, fields, path) => {
    const answer = await call('POST', '/v1/tokens', { ...terms, ...fields });
    expect(answer).toMatchObject({ status: 422, body: { error: 'validation_failed', details: [{ path }] } });
  });

  test.each<[string, object]>([
    ['exactly 4 KiB of metadata', { metadata: { a: 'x'.repeat(4096 - 8) } }],
    [
      '100 scopes of 128 characters',
      { scopes: Array.from({ length: 100 }, (_, n) => `${'a'.repeat(120)}:${n}`.padEnd(128, 'b')) },
    ],
    ['50 blocks', { allowed_cidrs: Array.from({ length: 50 }, (_, n) => `2001:db8:${n}::/48`) }],
    [
      'nulls',
      { description: null, expires_at: null, not_before: null, audience: null, metadata: null, allowed_cidrs: null },
    ],
    ['strange members', { metadata: { constructor: 1, toString: null, '': {}, '"': "'; --" } }],
  ])('%s: taken, and shown as it was', async (_, fields) => {
    const { token } = await issue(fields);
    expect((await call('GET', `/v1/tokens/${token.id}`)).body).toEqual(token);
    const { metadata } = fields as { metadata?: object | null };
    expect(token.metadata).toEqual(metadata ?? {});
  });

  test('any text is kept as it is, or refused', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        text,
        text,
        fc.dictionary(text, fc.jsonValue(), { maxKeys: 3 }),
        async (name, description, metadata) => {
          const answer = await call('POST', '/v1/tokens', { ...terms, name, description, metadata });
          expect([201, 400, 422]).toContain(answer.status);
          if (answer.status !== 201) return;
          const { body } = await call('GET', `/v1/tokens/${answer.body.token.id}`);
          expect(body).toMatchObject({ name: name.trim(), description });
          expect(body.metadata).toEqual(JSON.parse(JSON.stringify(metadata)));
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    'limit=0',
    'limit=201',
    'limit=x',
    'status=alive',
    'status=',
    'scope=x',
    'environment=test',
    'created_by=me',
    'name=',
    'expires_before=soon',
    'order=asc',
  ])('a list with %s is refused', async (query) => {
    expect(await call('GET', `/v1/tokens?${query}`)).toMatchObject({
      status: 422,
      body: { error: 'validation_failed' },
    });
  });

  test('a list with a made-up cursor is refused', async () => {
    expect(await call('GET', '/v1/tokens?cursor=abc')).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  });

  test.each(['x', 'tkn_', 'key_01kav3c4r8e0jbwn7sgm5zkqd2', 'tkn_01kav3c4r8e0jbwn7sgm5zkqd2'])(
    '%s is no token',
    async (id) => {
      expect((await call('GET', `/v1/tokens/${id}`)).status).toBe(404);
    },
  );
});

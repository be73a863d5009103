import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { generateCredential } from '../../src/credentials/format.ts';
import { introspectionBody, oauthError } from '../../src/http/routes/oauth-schemas.ts';
import type { ApiKeyId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { Connect, Reply } from './adapters.ts';
import { bearer } from './callers.ts';
import type { Issued, TokenFields, World } from './world.ts';

/** What a caller that may ask is told about tokens, and about requests that are none. */

const PATH = '/v1/tokens/introspect';
const FORM = 'application/x-www-form-urlencoded';

export function describeVerdicts(world: World, connect: Connect, floodSize: number): void {
  const send = connect(world.services);
  let key: Issued<ApiKeyId>;

  beforeAll(async () => {
    key = await world.issueKey();
  });

  const post = (body: string | Uint8Array, contentType: string = FORM, secret: string = key.secret) =>
    send({ path: PATH, headers: { ...bearer(secret), 'content-type': contentType }, body });
  const ask = (parameters: Record<string, string>, secret?: string) =>
    post(new URLSearchParams(parameters).toString(), FORM, secret);
  const inSeconds = (seconds: number) => new Date(world.clock.time.getTime() + seconds * 1000);

  describe('inactive', () => {
    const cases: [string, () => Promise<Record<string, string>>][] = [
      ['unknown', async () => ({ token: generateCredential('tkn', 'live', systemRandom) })],
      ['malformed', async () => ({ token: 'x' })],
      ['of bytes that no token has', async () => ({ token: '\0é😀' })],
      [
        'of a checksum that is wrong',
        async () => ({ token: generateCredential('tkn', 'live', systemRandom).replace(/.$/, '!') }),
      ],
      ['expired', async () => ({ token: (await world.issueToken({ expiresAt: inSeconds(0) })).secret })],
      ['not yet valid', async () => ({ token: (await world.issueToken({ notBefore: inSeconds(1) })).secret })],
      ['revoked', async () => ({ token: (await world.issueToken({ revokedAt: inSeconds(-1) })).secret })],
      [
        'of another workspace',
        async () => ({ token: (await world.issueToken({ workspaceId: world.otherWorkspaceId })).secret }),
      ],
      ['of another environment', async () => ({ token: (await world.issueToken({ environment: 'test' })).secret })],
      [
        'of an ended overlap',
        async () => ({ token: await world.addPrevious((await world.issueToken()).id, inSeconds(0)) }),
      ],
      [
        'with a list, but no address',
        async () => ({ token: (await world.issueToken({ allowedCidrs: ['192.0.2.0/24'] })).secret }),
      ],
      [
        'outside its list',
        async () => ({
          token: (await world.issueToken({ allowedCidrs: ['192.0.2.0/24'] })).secret,
          client_ip: '192.0.3.1',
        }),
      ],
      ['an API key', async () => ({ token: key.secret })],
      [
        'an API key of another workspace',
        async () => ({ token: (await world.issueKey({ workspaceId: world.otherWorkspaceId })).secret }),
      ],
    ];

    test('is one answer, byte for byte, whatever the reason', async () => {
      const volatile = { date: '', 'x-request-id': '' };
      const [first, ...others] = await Promise.all(
        cases.map(async ([, parameters]) => {
          const { status, headers, body } = await ask({ ...(await parameters()), required_scope: 'invoices:read' });
          return { status, body, headers: { ...headers, ...volatile } };
        }),
      );
      expect(first).toMatchObject({ status: 200, body: '{"active":false}' });
      for (const other of others) expect(other).toEqual(first);
    });

    test.each(cases)('%s', async (_, parameters) => {
      const { status, body } = await ask(await parameters());
      expect([status, body]).toEqual([200, '{"active":false}']);
    });

    test('of another audience than the calling token has', async () => {
      const gateway = await world.issueToken({ scopes: ['tokens:introspect'], audience: 'https://a.example' });
      const seen = async (audience?: string) => {
        const { secret } = await world.issueToken(audience === undefined ? {} : { audience });
        return JSON.parse((await ask({ token: secret }, gateway.secret)).body).active;
      };
      expect([await seen('https://b.example'), await seen('https://a.example'), await seen()]).toEqual([
        false,
        true,
        true,
      ]);
    });

    test('is no use', async () => {
      const { id, secret } = await world.issueToken({ expiresAt: inSeconds(0) });
      await ask({ token: secret });
      expect(world.uses.map((use) => use.id)).not.toContain(id);
    });
  });

  describe('active', () => {
    test('says all there is to say, in this order', async () => {
      const fields: TokenFields = {
        name: 'Billing "A" é',
        scopes: ['payments:read', 'invoices:write'],
        audience: 'https://api.example.com',
        metadata: { team: 'x', deep: [1, { '"': null }] },
        allowedCidrs: ['192.0.2.0/24'],
        createdAt: new Date('2026-01-02T03:04:05.678Z'),
        notBefore: new Date('2026-02-02T03:04:05.999Z'),
        expiresAt: new Date('2036-01-02T03:04:05.500Z'),
        createdBy: key.id,
      };
      const { id, secret } = await world.issueToken(fields);
      const overlapEnd = inSeconds(60);
      const previous = await world.addPrevious(id, overlapEnd);
      const { status, headers, body } = await ask({ token: secret, client_ip: '192.0.2.1' });
      const expected =
        '{"active":true,"scope":"invoices:read invoices:write payments:read"' +
        `,"client_id":"${key.id}","sub":"${id}","token_type":"Bearer"` +
        ',"exp":2082855845,"nbf":1770001445,"iat":1767323045' +
        `,"aud":"https://api.example.com","iss":"https://tooken.example.com","jti":"${id}"` +
        `,"tooken":{"workspace":"${world.workspaceId}","environment":"live","name":"Billing \\"A\\" é"` +
        ',"project":null,"owner":null,"role":null,"groups":[]' +
        ',"metadata":{"deep":[1,{"\\"":null}],"team":"x"},"secret":"current"' +
        `,"previous_secret_valid_until":"${overlapEnd.toISOString()}"}}`;
      expect([status, body]).toEqual([200, expected]);
      expect(headers['content-type']).toBe('application/json');
      expect(headers['cache-control']).toBe('no-store');
      const byPrevious = await ask({ token: previous, client_ip: '192.0.2.1' });
      expect(byPrevious.body).toBe(expected.replace('"secret":"current"', '"secret":"previous"'));
    });

    test('leaves out what the token does not have', async () => {
      const { id, secret } = await world.issueToken({ createdAt: new Date('2026-01-02T03:04:05.678Z') });
      expect((await ask({ token: secret })).body).toBe(
        `{"active":true,"client_id":"system","sub":"${id}","token_type":"Bearer","iat":1767323045` +
          `,"iss":"https://tooken.example.com","jti":"${id}","tooken":{"workspace":"${world.workspaceId}"` +
          ',"environment":"live","name":"billing","project":null,"owner":null,"role":null,"groups":[]' +
          ',"metadata":{},"secret":"current","previous_secret_valid_until":null}}',
      );
    });

    test('is what the reference says it is', async () => {
      // What else the API lets in: no NUL, no half characters, no member named __proto__.
      const text = fc
        .string({ unit: 'binary', maxLength: 20 })
        .filter((each) => each.isWellFormed() && !each.includes('\0') && each !== '__proto__');
      const metadata = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)), {
        maxKeys: 4,
        noNullPrototype: true,
      });
      await fc.assert(
        fc.asyncProperty(text, metadata, text, async (name, values, audience) => {
          const { secret } = await world.issueToken({ name, metadata: values, audience, scopes: ['a:write'] });
          const answer = JSON.parse((await ask({ token: secret, required_scope: 'b:read' })).body);
          expect(introspectionBody.parse(answer)).toEqual(answer);
          expect(answer).toMatchObject({ aud: audience, tooken: { name, metadata: values } });
        }),
        { numRuns: 30 },
      );
    });

    test('forgets an overlap that has ended', async () => {
      const { id, secret } = await world.issueToken();
      await world.addPrevious(id, inSeconds(0));
      expect(JSON.parse((await ask({ token: secret })).body).tooken.previous_secret_valid_until).toBeNull();
    });

    test('until the second of its expiry', async () => {
      const { secret } = await world.issueToken({ expiresAt: inSeconds(1) });
      const isActive = async () => JSON.parse((await ask({ token: secret })).body).active;
      expect(await isActive()).toBe(true);
      world.clock.time = inSeconds(1);
      expect(await isActive()).toBe(false);
    });

    test('is the same for a form and for JSON, with any hint, and with parameters nobody knows', async () => {
      const { secret: token } = await world.issueToken({ scopes: ['invoices:write'] });
      const plain = (await ask({ token, required_scope: 'invoices:read' })).body;
      const json = (members: object) => post(JSON.stringify(members), 'application/json; charset=UTF-8');
      const others = [
        ask({ token, required_scope: 'invoices:read', token_type_hint: 'refresh_token', resource: 'x' }),
        json({ token, required_scope: 'invoices:read', token_type_hint: 'nonsense', resource: ['x'] }),
        post(`&token=%${token.charCodeAt(0).toString(16)}${token.slice(1)}&required_scope=invoices%3Aread&client_ip=`),
      ];
      for (const other of others) expect((await other).body).toBe(plain);
    });

    test.each([
      ['invoices:write', { authorized: true }],
      ['invoices:read', { authorized: true }],
      ['payments:read', { authorized: false, missing_scope: 'payments:read' }],
    ])('asked for %s: %j', async (requiredScope, expected) => {
      const { secret } = await world.issueToken({ scopes: ['invoices:write'] });
      const answer = JSON.parse((await ask({ token: secret, required_scope: requiredScope })).body);
      expect(answer.active).toBe(true);
      expect(answer.tooken).toMatchObject(expected);
      expect('missing_scope' in answer.tooken).toBe(!expected.authorized);
    });

    test('is a use, from the address the token came from', async () => {
      const { id, secret } = await world.issueToken();
      await ask({ token: secret });
      await ask({ token: secret, client_ip: '::ffff:192.0.2.1' });
      const noted = world.uses.filter((use) => use.id === id);
      expect(noted).toEqual([
        { id, source: null },
        { id, source: '192.0.2.1' },
      ]);
    });
  });

  describe('a bad request is told so', () => {
    const json = 'application/json';
    test.each<[string, string | Uint8Array, string | undefined, number]>([
      ['no token', '', FORM, 400],
      ['an empty token', 'token=', FORM, 400],
      ['the token twice', 'token=a&token=a', FORM, 400],
      ['the token twice, once escaped', 'token=a&%74oken=b', FORM, 400],
      ['a parameter nobody knows, twice', 'token=a&x=1&x=2', FORM, 400],
      ['a broken escape', 'token=a%2', FORM, 400],
      ['an escape of no UTF-8', 'token=%ff', FORM, 400],
      ['bytes that are no UTF-8', Buffer.from([0x74, 0x3d, 0xff]), FORM, 400],
      ['a scope that is none', 'token=a&required_scope=a', FORM, 400],
      ['two scopes', 'token=a&required_scope=a:read+b:read', FORM, 400],
      ['a scope without end', `token=a&required_scope=a:${'b'.repeat(200)}`, FORM, 400],
      ['an address that is none', 'token=a&client_ip=localhost', FORM, 400],
      ['an address with a zone', 'token=a&client_ip=fe80::1%25eth0', FORM, 400],
      ['an address block', 'token=a&client_ip=192.0.2.0/24', FORM, 400],
      ['no JSON', '{"token":', json, 400],
      ['JSON that is no object', '["a"]', json, 400],
      ['a token that is no text', '{"token":1}', json, 400],
      ['a token of half a character', '{"token":"\\ud800"}', json, 400],
      ['the token twice in JSON', '{"token":"a","token":"b"}', json, 400],
      ['JSON that is no UTF-8', Buffer.from([0x22, 0xff, 0x22]), json, 400],
      ['nothing at all as JSON', '', json, 400],
      ['a text', 'token=a', 'text/plain', 415],
      ['another charset', 'token=a', `${FORM}; charset=latin1`, 415],
      ['a multipart form', 'token=a', 'multipart/form-data; boundary=a', 415],
      ['a byte too many', `token=${'a'.repeat(64 * 1024 - 5)}`, FORM, 413],
      ['a megabyte', Buffer.alloc(1024 * 1024, 'a'), FORM, 413],
    ])('%s', async (_, body, contentType, status) => {
      const reply = await post(body, contentType);
      expect([reply.status, JSON.parse(reply.body).error]).toEqual([status, 'invalid_request']);
      expect(oauthError.safeParse(JSON.parse(reply.body)).success).toBe(true);
    });

    test('no content type', async () => {
      const reply = await send({ path: PATH, headers: bearer(key.secret), body: Buffer.from('token=a') });
      expect(reply.status).toBe(415);
    });

    test('whatever it is: never a failure of the service', async () => {
      const bytes = fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
        fc.dictionary(fc.string(), fc.string()).map((pairs) => Buffer.from(new URLSearchParams(pairs).toString())),
        fc.json().map((text) => Buffer.from(text)),
        fc
          .tuple(fc.string(), fc.string())
          .map(([scope, ip]) =>
            Buffer.from(new URLSearchParams({ token: 'x', required_scope: scope, client_ip: ip }).toString()),
          ),
      );
      const types = fc.oneof(fc.constantFrom(FORM, 'application/json'), fc.stringMatching(/^[!-~]{1,30}$/));
      await fc.assert(
        fc.asyncProperty(bytes, types, async (body, type) => {
          const reply = await post(body, type);
          expect([200, 400, 415]).toContain(reply.status);
          if (reply.status === 200) expect(reply.body).toBe('{"active":false}');
        }),
        { numRuns: 300 },
      );
    });

    test('a flood of bad credentials leaves the good one as it was', async () => {
      const token = await world.issueToken();
      const statuses = new Map<number, number>();
      for (let sent = 0; sent < floodSize; sent += 100) {
        const batch = Array.from({ length: 100 }, (_, index) => {
          const secret = index % 2 === 0 ? `garbage-${sent}-${index}` : generateCredential('tok', 'live', systemRandom);
          return post(`token=${token.secret}`, FORM, secret);
        });
        for (const { status } of await Promise.all(batch)) statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
      expect([...statuses]).toEqual([[401, floodSize]]);
      expect(JSON.parse((await ask({ token: token.secret })).body).active).toBe(true);
    });
  });

  test('without its database the service does not guess', async () => {
    const away = connect({ ...world.services, records: world.lostRecords });
    const { secret } = await world.issueToken();
    const headers = { ...bearer(key.secret), 'content-type': FORM };
    const reply: Reply = await away({ path: PATH, headers, body: `token=${secret}` });
    expect([reply.status, JSON.parse(reply.body).error]).toEqual([503, 'temporarily_unavailable']);
    expect(reply.headers['retry-after']).toBe('1');
    // What has no need of a database is answered all the same.
    expect((await away({ path: PATH, headers: { ...headers, ...bearer('x') }, body: '' })).status).toBe(401);
  });
}

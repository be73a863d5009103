import { beforeAll, describe, expect, test } from 'vitest';
import { generateCredential } from '../../src/credentials/format.ts';
import type { ApiKeyId, TokenId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { OAUTH_OPERATIONS } from '../../src/rights/rights.ts';
import type { Send } from './adapters.ts';
import type { Issued, World } from './world.ts';

/** Who may ask, how they say who they are, and what everybody else is told. */

const PATH = '/v1/tokens/introspect';
const FORM = 'application/x-www-form-urlencoded';
const K6 = '{"error":"unauthorized","message":"Invalid or missing API key"}';
const INVALID_TOKEN = 'Bearer realm="tooken", error="invalid_token"';
const BASIC = 'Basic realm="tooken", charset="UTF-8"';

export const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
export const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
/** As strict clients encode for Basic: everything but letters and digits. */
const encodeAll = (text: string) =>
  text.replace(/[^A-Za-z0-9]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

export function describeCallers(world: World, send: Send): void {
  let key: Issued<ApiKeyId>;
  let gateway: Issued<TokenId>;
  let token: Issued<TokenId>;

  beforeAll(async () => {
    key = await world.issueKey();
    gateway = await world.issueToken({ name: 'gateway', scopes: ['tokens:introspect'] });
    token = await world.issueToken();
  });

  const ask = (headers: Record<string, string>, options: { body?: string; address?: string } = {}) =>
    send({ path: PATH, headers: { 'content-type': FORM, ...headers }, body: `token=${token.secret}`, ...options });

  describe('a caller is heard', () => {
    test.each<[string, () => Record<string, string>]>([
      ['with an API key as Bearer', () => bearer(key.secret)],
      ['with the scheme in any case', () => ({ authorization: `bEaReR ${key.secret}` })],
      ['with an API key as X-API-Key', () => ({ 'x-api-key': key.secret })],
      ['with an API key by Basic', () => basic(key.id, key.secret)],
      ['with an API key by Basic, form-encoded', () => basic(encodeAll(key.id), encodeAll(key.secret))],
      ['with a token that holds tokens:introspect', () => bearer(gateway.secret)],
      ['with such a token by Basic', () => basic(gateway.id, gateway.secret)],
      ['with such a token by Basic, form-encoded', () => basic(encodeAll(gateway.id), encodeAll(gateway.secret))],
    ])('%s', async (_, headers) => {
      const reply = await ask(headers());
      expect(reply.status).toBe(200);
      expect(JSON.parse(reply.body)).toMatchObject({ active: true, jti: token.id });
    });

    test('from an address of its list', async () => {
      const listed = await world.issueKey({ allowedCidrs: ['198.51.100.0/24'] });
      expect((await ask(bearer(listed.secret), { address: '198.51.100.9' })).status).toBe(200);
      expect((await ask(bearer(listed.secret), { address: '203.0.113.9' })).status).toBe(401);
    });

    test('with the previous secret of its token, while that is good', async () => {
      const { time } = world.clock;
      const good = await world.addPrevious(gateway.id, new Date(time.getTime() + 60_000));
      const ended = await world.addPrevious(gateway.id, new Date(time.getTime()));
      expect((await ask(bearer(good))).status).toBe(200);
      expect((await ask(bearer(ended))).status).toBe(401);
    });

    test('and its use is noted, with where it came from', async () => {
      const caller = await world.issueKey();
      await ask(bearer(caller.secret), { address: '198.51.100.7' });
      expect(world.uses).toContainEqual({ id: caller.id, source: '198.51.100.7' });
    });
  });

  describe('a caller is refused', () => {
    const other = generateCredential('tok', 'live', systemRandom);
    const damaged = `${other.slice(0, -1)}${other.endsWith('0') ? '1' : '0'}`;
    test.each<[string, () => Record<string, string> | Promise<Record<string, string>>, string]>([
      ['without a credential', () => ({}), 'Bearer realm="tooken"'],
      ['with an empty Bearer', () => ({ authorization: 'Bearer' }), INVALID_TOKEN],
      ['with a space too many', () => ({ authorization: `Bearer  ${key.secret}` }), INVALID_TOKEN],
      ['with something after its credential', () => ({ authorization: `Bearer ${key.secret} x` }), INVALID_TOKEN],
      ['with another scheme', () => ({ authorization: `Token ${key.secret}` }), INVALID_TOKEN],
      ['with a bare credential', () => ({ authorization: key.secret }), INVALID_TOKEN],
      ['with a credential nobody issued', () => bearer(other), INVALID_TOKEN],
      ['with a damaged checksum', () => bearer(damaged), INVALID_TOKEN],
      ['with an empty X-API-Key', () => ({ 'x-api-key': '' }), INVALID_TOKEN],
      ['with a token as X-API-Key', () => ({ 'x-api-key': gateway.secret }), INVALID_TOKEN],
      [
        'with an expired key',
        async () => bearer((await world.issueKey({ expiresAt: world.clock.time })).secret),
        INVALID_TOKEN,
      ],
      [
        'with a revoked token',
        async () => bearer((await world.issueToken({ revokedAt: world.clock.time })).secret),
        INVALID_TOKEN,
      ],
      ['by Basic with the id of another', () => basic(gateway.id, key.secret), BASIC],
      ['by Basic without an id', () => basic('', key.secret), BASIC],
      ['by Basic the wrong way round', () => basic(key.secret, key.id), BASIC],
      ['by Basic with a broken escape', () => basic('%', key.secret), BASIC],
      ['by Basic that is no base64', () => ({ authorization: 'Basic ???' }), BASIC],
    ])('%s', async (_, headers, challenge) => {
      const reply = await ask(await headers());
      expect(reply.status).toBe(401);
      expect(reply.body).toBe(K6);
      expect(reply.headers['www-authenticate']).toBe(challenge);
      expect(reply.headers['content-type']).toBe('application/json');
    });

    test('with two credentials at once', async () => {
      const reply = await ask({ ...bearer(key.secret), 'x-api-key': key.secret });
      expect(reply.status).toBe(400);
      expect(JSON.parse(reply.body).error).toBe('invalid_request');
    });

    test.each([[['tokens:write', 'tokens:read', 'audit:read']], [[]]])(
      'with a token that holds only %j',
      async (scopes) => {
        const poor = await world.issueToken({ scopes });
        for (const body of [`token=${token.secret}`, `token=${poor.secret}`, 'broken=%']) {
          const reply = await ask(bearer(poor.secret), { body });
          expect(reply.status).toBe(403);
          expect(JSON.parse(reply.body).error).toBe('insufficient_scope');
          expect(reply.headers['www-authenticate']).toBe(
            `Bearer realm="tooken", error="insufficient_scope", scope="${OAUTH_OPERATIONS.introspect.token}"`,
          );
        }
      },
    );

    test('before anyone looks at what it sent', async () => {
      const reply = await send({ path: PATH, headers: { ...bearer(other), 'content-type': 'text/plain' }, body: '%' });
      expect([reply.status, reply.body]).toEqual([401, K6]);
    });

    test.each(['GET', 'PUT', 'PATCH', 'DELETE'])('that sends %s', async (method) => {
      const reply = await send({ path: PATH, method, headers: bearer(key.secret) });
      expect([reply.status, reply.headers.allow]).toEqual([405, 'POST']);
    });
  });

  describe('the audit log hears of', () => {
    const heard = async (headers: Record<string, string>) => {
      const before = world.refused.length;
      await ask(headers);
      return world.refused.slice(before);
    };
    const nobody = { type: 'anonymous', id: null, name: null };

    test('a credential of nobody, in the log of the installation', async () => {
      const [event, ...more] = await heard(bearer(generateCredential('tok', 'live', systemRandom)));
      expect(more).toEqual([]);
      expect(event).toMatchObject({
        workspaceId: null,
        action: 'authentication.failed',
        reason: 'unknown',
        actor: nobody,
      });
      expect(event?.request).toMatchObject({ route: PATH, method: 'POST', ip: '127.0.0.1' });
    });

    test('a text that is no credential, in the log of the installation', async () => {
      expect(await heard(bearer('x'))).toMatchObject([{ workspaceId: null, reason: 'malformed', actor: nobody }]);
    });

    test('a credential that has ended, or is used wrongly, in the log of its workspace', async () => {
      const ended = await world.issueKey({ expiresAt: world.clock.time });
      const known = { workspaceId: world.workspaceId, environment: 'live', action: 'authentication.failed' };
      expect(await heard(bearer(ended.secret))).toMatchObject([
        { ...known, reason: 'expired', actor: { type: 'api_key', id: ended.id } },
      ]);
      expect(await heard(basic(key.id, gateway.secret))).toMatchObject([
        { ...known, reason: 'wrong_user', actor: { type: 'token', id: gateway.id } },
      ]);
      expect(await heard({ 'x-api-key': gateway.secret })).toMatchObject([{ ...known, reason: 'wrong_kind' }]);
    });

    test('a token that lacks the scope', async () => {
      expect(await heard(bearer(token.secret))).toMatchObject([
        {
          workspaceId: world.workspaceId,
          action: 'request.denied',
          outcome: 'denied',
          reason: 'insufficient_scope:tokens:introspect',
          actor: { type: 'token', id: token.id },
        },
      ]);
    });

    test('no missing credential, and no good one', async () => {
      expect(await heard({})).toEqual([]);
      expect(await heard(bearer(key.secret))).toEqual([]);
    });
  });
}

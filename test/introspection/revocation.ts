import { beforeAll, describe, expect, test } from 'vitest';
import { generateCredential } from '../../src/credentials/format.ts';
import type { ApiKeyId, TokenId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { OPERATIONS } from '../../src/rights/rights.ts';
import type { Connect } from './adapters.ts';
import { basic, bearer } from './callers.ts';
import type { Issued, World } from './world.ts';

/** Revocation by value: who may, what it does, and that the answer gives nothing away. */

const PATH = '/v1/tokens/revoke';
const FORM = 'application/x-www-form-urlencoded';

export function describeRevocation(world: World, connect: Connect): void {
  const send = connect(world.services);
  let key: Issued<ApiKeyId>;

  beforeAll(async () => {
    key = await world.issueKey();
  });

  const post = (headers: Record<string, string>, body: string | Uint8Array, contentType = FORM) =>
    send({ path: PATH, headers: { ...headers, 'content-type': contentType }, body });
  const revoke = (headers: Record<string, string>, token: string) => post(headers, `token=${token}`);
  const inSeconds = (seconds: number) => new Date(world.clock.time.getTime() + seconds * 1000);
  const isRevoked = async ({ id }: Issued<TokenId>) => (await world.revokedAt(id)) !== null;
  const isActive = async ({ secret }: { secret: string }) => {
    const headers = { ...bearer(key.secret), 'content-type': FORM };
    return JSON.parse((await send({ path: '/v1/tokens/introspect', headers, body: `token=${secret}` })).body).active;
  };
  /** The events of a token that were committed. */
  const eventsOf = async (id: TokenId) => {
    const rows = await world.services.db.$client<{ leaf: { targets: { id: string }[] } }[]>`
      select convert_from(leaf, 'UTF8')::jsonb as leaf from audit_events`;
    return rows.map(({ leaf }) => leaf).filter(({ targets }) => targets.some((each) => each.id === id));
  };
  const heard = async (call: () => Promise<unknown>) => {
    const before = world.refused.length;
    await call();
    return world.refused.slice(before);
  };

  describe('is done', () => {
    test('for an API key, with any token of its workspace and environment', async () => {
      const token = await world.issueToken({ scopes: ['a:write'], audience: 'x', allowedCidrs: ['192.0.2.0/24'] });
      const { status, body } = await revoke(bearer(key.secret), token.secret);
      expect([status, body]).toEqual([200, '']);
      expect(await isRevoked(token)).toBe(true);
      expect(await isActive(token)).toBe(false);
      expect(await eventsOf(token.id)).toMatchObject([{ action: 'token.revoked', actor: { id: key.id } }]);
    });

    test('for a token with tokens:write, with a token within its reach', async () => {
      const holder = await world.issueToken({ scopes: ['tokens:write', 'a:write'] });
      const token = await world.issueToken({ scopes: ['a:read'] });
      expect((await revoke(basic(holder.id, holder.secret), token.secret)).status).toBe(200);
      expect(await isRevoked(token)).toBe(true);
    });

    test('for any token with itself', async () => {
      const token = await world.issueToken({ scopes: ['a:write'], expiresAt: inSeconds(60), audience: 'x' });
      expect((await revoke(bearer(token.secret), token.secret)).status).toBe(200);
      expect(await isRevoked(token)).toBe(true);
      expect(await eventsOf(token.id)).toMatchObject([{ action: 'token.revoked', actor: { id: token.id } }]);
      expect((await revoke(bearer(token.secret), token.secret)).status).toBe(401);
    });

    test('by the previous secret, as long as that is good', async () => {
      const token = await world.issueToken();
      const previous = await world.addPrevious(token.id, inSeconds(60));
      expect((await revoke(bearer(key.secret), previous)).status).toBe(200);
      expect(await isRevoked(token)).toBe(true);
    });

    test('for a token that has expired or is not valid yet', async () => {
      for (const token of [
        await world.issueToken({ expiresAt: inSeconds(-1) }),
        await world.issueToken({ notBefore: inSeconds(60) }),
      ]) {
        await revoke(bearer(key.secret), token.secret);
        expect(await isRevoked(token)).toBe(true);
      }
    });

    test('for JSON, and with any hint', async () => {
      const [first, second] = [await world.issueToken(), await world.issueToken()];
      const body = JSON.stringify({ token: first.secret, token_type_hint: 'x', other: 1 });
      expect((await post(bearer(key.secret), body, 'application/json')).status).toBe(200);
      await post(bearer(key.secret), `token=${second.secret}&token_type_hint=refresh_token`);
      expect([await isRevoked(first), await isRevoked(second)]).toEqual([true, true]);
    });

    test('once, with one event, however often and at once it is asked for', async () => {
      const token = await world.issueToken();
      const replies = await Promise.all(Array.from({ length: 8 }, () => revoke(bearer(key.secret), token.secret)));
      const itself = await world.issueToken();
      const own = await Promise.all(Array.from({ length: 8 }, () => revoke(bearer(itself.secret), itself.secret)));
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
      for (const { status } of own) expect([200, 401]).toContain(status);
      expect(await eventsOf(token.id)).toHaveLength(1);
      expect(await eventsOf(itself.id)).toHaveLength(1);
    });
  });

  describe('is not done, and says the same', () => {
    const refusals: [string, () => Promise<[caller: string, token: Issued<TokenId>]>, string, boolean][] = [
      [
        'for a token without tokens:write',
        async () => [(await world.issueToken({ scopes: ['tokens:read', 'a:write'] })).secret, await world.issueToken()],
        `insufficient_scope:${OPERATIONS.revokeToken.token}`,
        true,
      ],
      [
        'for a token with less than the other',
        async () => [
          (await world.issueToken({ scopes: ['tokens:write', 'a:read'] })).secret,
          await world.issueToken({ scopes: ['a:write'] }),
        ],
        'insufficient_scope:a:write',
        true,
      ],
      [
        'for a token with an audience and one without',
        async () => [
          (await world.issueToken({ scopes: ['tokens:write'], audience: 'x' })).secret,
          await world.issueToken(),
        ],
        'forbidden',
        true,
      ],
      [
        'for a key of another workspace',
        async () => [(await world.issueKey({ workspaceId: world.otherWorkspaceId })).secret, await world.issueToken()],
        'not_found',
        false,
      ],
      [
        'for a key of another environment',
        async () => [(await world.issueKey({ environment: 'test' })).secret, await world.issueToken()],
        'not_found',
        false,
      ],
    ];
    test.each(refusals)('%s, but to the audit log', async (_, prepare, reason, isTold) => {
      const [caller, token] = await prepare();
      const events = await heard(async () => {
        const { status, body } = await revoke(bearer(caller), token.secret);
        expect([status, body]).toEqual([200, '']);
      });
      expect(await isRevoked(token)).toBe(false);
      const targets = isTold ? [{ type: 'token', id: token.id, name: 'billing' }] : [];
      expect(events).toMatchObject([{ action: 'request.denied', outcome: 'denied', reason, targets }]);
    });

    test.each<[string, () => Promise<string>]>([
      ['unknown', async () => generateCredential('tkn', 'live', systemRandom)],
      ['malformed', async () => 'x'],
      ['revoked already', async () => (await world.issueToken({ revokedAt: inSeconds(-1) })).secret],
      ['an API key', async () => (await world.issueKey()).secret],
    ])('for what is %s, and the audit log hears nothing', async (_, value) => {
      const text = await value();
      const before = await world.services.db.$client`select count(*) from audit_events`;
      const events = await heard(async () => {
        const { status, body } = await revoke(bearer(key.secret), text);
        expect([status, body]).toEqual([200, '']);
      });
      expect(events).toEqual([]);
      expect(await world.services.db.$client`select count(*) from audit_events`).toEqual(before);
    });

    test('by a secret that a rotation has replaced', async () => {
      const token = await world.issueToken();
      const replaced = await world.addPrevious(token.id, inSeconds(0));
      expect((await revoke(bearer(key.secret), replaced)).status).toBe(200);
      expect(await isRevoked(token)).toBe(false);
    });

    test('for an API key, which lives on', async () => {
      const other = await world.issueKey();
      await revoke(bearer(key.secret), other.secret);
      expect((await revoke(bearer(other.secret), 'x')).status).toBe(200);
    });
  });

  describe('is refused', () => {
    test('to nobody in particular, and to who presents a bad credential', async () => {
      const token = await world.issueToken();
      const k6 = [401, '{"error":"unauthorized","message":"Invalid or missing API key"}'];
      for (const headers of [{}, bearer('x'), { authorization: 'Bearer' }, basic(key.id, token.secret)]) {
        const { status, body } = await revoke(headers, token.secret);
        expect([status, body]).toEqual(k6);
      }
      expect(await isRevoked(token)).toBe(false);
    });

    test('to a token outside its own address list, even with itself', async () => {
      const token = await world.issueToken({ allowedCidrs: ['192.0.2.0/24'] });
      expect((await revoke(bearer(token.secret), token.secret)).status).toBe(401);
      expect(await isRevoked(token)).toBe(false);
    });

    test.each<[string, string, number]>([
      ['', FORM, 400],
      ['token=', FORM, 400],
      ['token=a&token=b', FORM, 400],
      ['token=%', FORM, 400],
      ['{"token":1}', 'application/json', 400],
      ['token=a', 'text/plain', 415],
      [`token=${'a'.repeat(70_000)}`, FORM, 413],
    ])('%.20j as %s', async (body, contentType, expected) => {
      const reply = await post(bearer(key.secret), body, contentType);
      expect([reply.status, JSON.parse(reply.body).error]).toEqual([expected, 'invalid_request']);
    });
  });

  test('without a database is neither done nor claimed', async () => {
    const db = await world.openClosedPool();
    const token = await world.issueToken();
    const headers = { ...bearer(key.secret), 'content-type': FORM };
    for (const lost of [{ db }, { records: world.lostRecords }]) {
      const away = connect({ ...world.services, ...lost });
      const reply = await away({ path: PATH, headers, body: `token=${token.secret}` });
      expect([reply.status, JSON.parse(reply.body).error]).toEqual([503, 'temporarily_unavailable']);
      expect(reply.headers['retry-after']).toBe('1');
    }
    expect(await isRevoked(token)).toBe(false);
  });
}

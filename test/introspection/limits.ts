import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { createLimits } from '../../src/web/limits.ts';
import type { Connect, Reply } from './adapters.ts';
import { bearer } from './callers.ts';
import type { World } from './world.ts';

/** How much one caller may ask, and one source fail. */

export function describeLimits(world: World, connect: Connect): void {
  const connectLimited = () => {
    const rate = (limit: number) => ({ limit, windowSeconds: 60 });
    const limits = createLimits({ requests: rate(1), introspections: rate(3), failures: rate(2) }, systemClock);
    const send = connect({ ...world.services, limits });
    return (
      secret: string,
      address = '192.0.2.1',
      path: '/v1/tokens/introspect' | '/v1/tokens/revoke' = '/v1/tokens/introspect',
    ): Promise<Reply> => {
      const headers = { ...bearer(secret), 'content-type': 'application/x-www-form-urlencoded' };
      return send({ path, headers, body: 'token=x', address });
    };
  };
  const statusesOf = async (count: number, ask: (index: number) => Promise<Reply>) => {
    const statuses: number[] = [];
    for (let index = 0; index < count; index += 1) statuses.push((await ask(index)).status);
    return statuses;
  };

  describe('limits', () => {
    test('hold a caller back, and nobody else', async () => {
      const ask = connectLimited();
      const [busy, quiet] = [await world.issueKey(), await world.issueKey()];
      expect(await statusesOf(4, () => ask(busy.secret))).toEqual([200, 200, 200, 429]);
      const { headers, body } = await ask(busy.secret);
      expect(JSON.parse(body).error).toBe('rate_limited');
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      const names = Object.keys(headers).map((name) => name.toLowerCase());
      expect(names).toEqual(expect.arrayContaining(['ratelimit', 'ratelimit-policy']));
      expect((await ask(quiet.secret)).status).toBe(200);
    });

    test('of revocations are those of other calls', async () => {
      const ask = connectLimited();
      const { secret } = await world.issueKey();
      expect(await statusesOf(2, () => ask(secret, '192.0.2.1', '/v1/tokens/revoke'))).toEqual([200, 429]);
      expect((await ask(secret)).status).toBe(200);
    });

    test('hold back a source of bad credentials, but no good one that shares it', async () => {
      const ask = connectLimited();
      const good = await world.issueKey();
      expect(await statusesOf(4, (index) => ask(`bad${index}`))).toEqual([401, 401, 429, 429]);
      expect((await ask('bad', '192.0.2.2')).status).toBe(401);
      expect((await ask(good.secret)).status).toBe(200);
    });
  });
}

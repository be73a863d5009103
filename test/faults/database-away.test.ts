import { afterAll, describe, expect, inject, it } from 'vitest';
import { startReplicas } from '../replicas/replicas.ts';
import { registeredReplicas } from '../replicas/table.ts';
import { send } from '../support/answer.ts';
import { createTestDatabase } from '../support/database.ts';

const isLong = inject('faultRun') === 'long';
const LEASE_MS = 2_000;
const database = await createTestDatabase();
const replicas = await startReplicas(database.app, {
  count: 2,
  isProxied: true,
  env: { TOOKEN_LEASE_SECONDS: String(LEASE_MS / 1_000) },
});
afterAll(() => replicas[Symbol.asyncDispose]());

const [near, away] = replicas.processes;
if (near?.proxy === undefined || away?.proxy === undefined) throw new Error('there are two replicas with proxies');
const { db } = replicas.operator;
const { proxy } = away;

type Asked = { readonly url: string };
const call = ({ url }: Asked, method: string, path: string, json?: unknown, headers = {}) =>
  send({ url, secret: replicas.apiKey }, method, path, json, headers);
const verdictOf = async (replica: Asked, token: string) => {
  const { status, body } = await call(replica, 'POST', '/v1/tokens/introspect', { token });
  return status === 200 ? (body.active as boolean) : status;
};

async function issue() {
  const { body } = await call(near as Asked, 'POST', '/v1/tokens', { name: 'away', scopes: ['a:read'] });
  return { id: body.token.id as string, secret: body.secret as string };
}

const revoke = (replica: Asked, { id }: { id: string }) => call(replica, 'POST', `/v1/tokens/${id}/revoke`, {});

describe('a replica without its database', { timeout: 60_000 }, () => {
  it.each([
    { how: 'in a black hole', go: () => proxy.fallSilent() },
    ...(isLong ? [{ how: 'cut off', go: () => proxy.hangUp() }] : []),
  ])('answers from memory until its lease ends, then 503, never wrongly, and recovers ($how)', async ({ go }) => {
    const [kept, lost] = [await issue(), await issue()];
    for (const { secret } of [kept, lost]) expect(await verdictOf(away, secret)).toBe(true);
    go();
    const verdicts = [await verdictOf(away, kept.secret)];
    const revoked = await revoke(near, lost);
    expect([revoked.status, revoked.body.effective.replicas]).toEqual([200, 1]);
    // Its lease is over, or else the revocation would not have answered.
    expect(await verdictOf(away, lost.secret)).toBe(503);
    verdicts.push(await verdictOf(away, kept.secret));
    expect(verdicts).toEqual([true, 503]);

    proxy.recover();
    await expect.poll(() => verdictOf(away, kept.secret), { timeout: 20_000 }).toBe(true);
    expect(await verdictOf(away, lost.secret)).toBe(false);
    await expect.poll(() => registeredReplicas(db), { timeout: 20_000 }).toHaveLength(2);
  });

  it('answers 503 to a change that is made and that it cannot fence, and a retry settles it', async () => {
    const [rotated, revoked] = [await issue(), await issue()];
    const key = { 'idempotency-key': crypto.randomUUID() };
    const rotate = () => call(away, 'POST', `/v1/tokens/${rotated.id}/rotate`, {}, key);
    await verdictOf(away, rotated.secret);
    // The pool answers, and what fences ask does not.
    const held = proxy.holdRows('tooken-replica');
    const [first, second] = await Promise.all([rotate(), revoke(away, revoked)]);
    expect([first.status, second.status]).toEqual([503, 503]);
    expect(first.body.message).toContain('The change is made');
    held.release();

    await expect.poll(() => verdictOf(near, rotated.secret), { timeout: 20_000 }).toBe(false);
    await expect.poll(async () => (await rotate()).status, { timeout: 20_000 }).toBe(200);
    const again = await rotate();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body.effective.replicas).toBe(2);
    expect(await verdictOf(away, again.body.secret)).toBe(true);
    expect(await verdictOf(away, rotated.secret)).toBe(false);
    expect((await revoke(away, revoked)).status).toBe(200);
    expect(await verdictOf(near, revoked.secret)).toBe(false);
  });
});

describe('a replica that ends', { timeout: 60_000 }, () => {
  it('in order takes its registration with it, and no revocation waits for it; one that crashes costs one of them one lease', async () => {
    const env = { TOOKEN_LEASE_SECONDS: String(LEASE_MS / 1_000) };
    for (const ending of ['stop', 'kill'] as const) {
      await using others = await startReplicas(database.app, { count: 1, env, apiKey: replicas.apiKey });
      await expect.poll(() => registeredReplicas(db), { timeout: 20_000 }).toHaveLength(3);
      await others.processes[0]?.[ending]();
      expect(await registeredReplicas(db)).toHaveLength(ending === 'stop' ? 2 : 3);
      const waited = [];
      for (let n = 0; n < 3; n += 1) {
        const { effective } = (await revoke(near, await issue())).body;
        expect(effective.replicas).toBe(2);
        waited.push(effective.waited_ms > LEASE_MS);
      }
      expect(waited).toEqual([ending === 'kill', false, false]);
    }
  });
});

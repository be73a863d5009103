import { afterAll, describe, expect, inject, it } from 'vitest';
import { startReplicas } from '../replicas/replicas.ts';
import { registeredReplicas } from '../replicas/table.ts';
import { send } from '../support/answer.ts';
import { createTestDatabase } from '../support/database.ts';

const isLong = inject('faultRun') === 'long';
const LEASE_MS = 2_000;
const database = await createTestDatabase();
const replicas = await startReplicas(database.app, {
  count: 3,
  isProxied: true,
  env: { TOOKEN_LEASE_SECONDS: String(LEASE_MS / 1_000) },
});
afterAll(() => replicas[Symbol.asyncDispose]());

const [one, two, frozen] = replicas.processes;
if (one === undefined || two === undefined || frozen === undefined) throw new Error('there are three replicas');
const { db } = replicas.operator;

type Asked = { readonly url: string };
const call = ({ url }: Asked, method: string, path: string, json?: unknown) =>
  send({ url, secret: replicas.apiKey }, method, path, json);
const introspect = (replica: Asked, token: string) => call(replica, 'POST', '/v1/tokens/introspect', { token });

async function issue() {
  const { body } = await call(one as Asked, 'POST', '/v1/tokens', { name: 'frozen', scopes: ['a:read'] });
  return { id: body.token.id as string, secret: body.secret as string };
}

async function revoke(replica: Asked, { id }: { id: string }) {
  const { status, body } = await call(replica, 'POST', `/v1/tokens/${id}/revoke`, {});
  expect(status).toBe(200);
  return body.effective as { replicas: number; waited_ms: number };
}

describe('a frozen replica', { timeout: 60_000 }, () => {
  it.each([
    { what: 'has heard of nothing', areNotificationsLost: true },
    ...(isLong ? [{ what: 'has heard of what happened', areNotificationsLost: false }] : []),
  ])(
    'costs one revocation at most one lease and later ones nothing, and answers rightly from the first moment on, when it $what',
    async ({ areNotificationsLost }) => {
      frozen.proxy?.dropNotifications(areNotificationsLost);
      const [kept, ...lost] = await Promise.all(Array.from({ length: 9 }, issue));
      if (kept === undefined) throw new Error('nine were issued');
      const ask = (secret: string) => introspect(frozen, secret).then(({ status, body }) => [status, body.active]);
      for (const { secret } of [kept, ...lost]) expect(await ask(secret)).toEqual([200, true]);
      const before = await registeredReplicas(db);
      expect(before).toHaveLength(3);

      frozen.freeze();
      const [first, ...later] = lost;
      const waited = [first === undefined ? undefined : await revoke(one, first)];
      for (const [n, token] of later.entries()) waited.push(await revoke(n % 2 === 0 ? one : two, token));
      // The first one has waited until the lease had ended for certain. What it cost more than that is the machine's.
      expect(waited[0]?.waited_ms).toBeGreaterThan(LEASE_MS);
      expect(waited.map((effective) => effective?.replicas)).toEqual(lost.map(() => 2));
      for (const effective of waited.slice(1)) expect(effective?.waited_ms).toBeLessThan(LEASE_MS / 2);
      expect(await registeredReplicas(db)).toHaveLength(2);

      // All of these lie in its sockets when it goes on.
      const asked = [...lost, kept].map(({ secret }) => ask(secret));
      await new Promise((resolve) => setTimeout(resolve, 200));
      frozen.thaw();
      expect(await Promise.all(asked)).toEqual([...lost.map(() => [200, false]), [200, true]]);

      const after = await registeredReplicas(db);
      expect(after).toHaveLength(3);
      expect(after.filter((id) => !before.includes(id))).toHaveLength(1);
      expect(frozen.output()).toContain('"event":"coherence.evicted"');
      frozen.proxy?.dropNotifications(false);
      const [another] = await Promise.all([issue()]);
      expect((await revoke(one, another)).replicas).toBe(3);

      // From memory: no look-up comes back.
      const held = frozen.proxy?.holdRows('tooken-look-up');
      expect(await ask(kept.secret)).toEqual([200, true]);
      expect(held?.count()).toBe(0);
      held?.release();
    },
  );
});

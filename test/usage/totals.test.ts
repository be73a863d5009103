import { describe, expect, test } from 'vitest';
import type { ApiKeyRecord, TokenRecord } from '../../src/introspection/record.ts';
import { purgeUsage } from '../../src/introspection/usage/purge.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestClock, createWorld } from './world.ts';

const world = await createWorld(await createTestDatabase());
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const now = new Date();

/** What both tables say of every hour and day, by workspace, introspector and outcome. */
async function differences(): Promise<readonly unknown[]> {
  return await world.sql`
    select * from (
      select workspace_id, environment, introspector_id, outcome, bucket_seconds, starts_at, sum(uses) as uses
      from token_usage where bucket_seconds > 60 group by 1, 2, 3, 4, 5, 6
    ) counted full join usage_totals total
      on (total.workspace_id, total.environment, total.outcome, total.bucket_seconds, total.starts_at) =
        (counted.workspace_id, counted.environment, counted.outcome, counted.bucket_seconds, counted.starts_at)
      and total.introspector_id is not distinct from counted.introspector_id
    where total.uses is distinct from counted.uses`;
}

async function useAt(msAgo: number, record: TokenRecord, introspector: ApiKeyRecord, times = 1): Promise<void> {
  const replica = world.newReplica({ clock: createTestClock(new Date(now.getTime() - msAgo)) });
  for (let n = 0; n < times; n += 1)
    replica.introspected({ record, introspector, source: `192.0.2.${n}`, outcome: n % 3 === 2 ? 'revoked' : 'active' });
  await replica.stop();
}

describe('the totals of usage', () => {
  test('are what tokens were used, however many replicas count at once', async () => {
    const elsewhere = await world.addWorkspace();
    const keys = [await world.newKey(), await world.newKey(), await world.newKey({ workspaceId: elsewhere })];
    const tokens = [await world.newToken(), await world.newToken(), await world.newToken({ environment: 'test' })];
    const replicas = Array.from({ length: 4 }, (_, n) =>
      world.newReplica({ clock: createTestClock(new Date(now.getTime() - n * HOUR_MS)) }),
    );
    for (const [place, replica] of replicas.entries()) {
      for (let n = 0; n < 600; n += 1) {
        const introspector = keys[(n + place) % 3] ?? keys[0];
        const record = tokens[n % tokens.length] ?? null;
        if (introspector === undefined) throw new Error('there is no key');
        const outcome = n % 5 === 0 ? 'expired' : n % 7 === 0 ? 'missing_scope' : 'active';
        replica.introspected({ record, introspector, source: `198.51.100.${n % 200}`, outcome });
      }
      const [caller] = tokens;
      if (caller !== undefined)
        replica.called({ ...caller, kind: 'token', owner: null, scopes: [], secret: 'current' }, '192.0.2.1');
    }
    await Promise.all(replicas.map((replica) => replica.stop()));
    expect(await differences()).toEqual([]);
    const [row] = await world.sql<{ uses: number }[]>`
      select sum(uses)::int as uses from usage_totals where bucket_seconds = 86400`;
    expect(row?.uses).toBe(4 * 601);
  });

  test.each([
    ['hours and days', 89 * DAY_MS, [3_600, 86_400]],
    ['days', 92 * DAY_MS, [86_400]],
    ['nothing', 402 * DAY_MS, []],
  ])('are kept as long as what they add up: %s', async (_, msAgo, kept) => {
    const introspector = await world.newKey();
    await useAt(msAgo, await world.newToken(), introspector, 3);
    await purgeUsage({ db: world.db, clock: createTestClock(now) });
    const rows = await world.sql`
      select distinct bucket_seconds from usage_totals where introspector_id = ${introspector.id} order by 1`;
    expect(rows.map((row) => row.bucket_seconds)).toEqual(kept);
  });
});

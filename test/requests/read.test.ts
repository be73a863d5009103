import { beforeAll, describe, expect, it } from 'vitest';
import { clientOf } from '../../src/db/client.ts';
import { inTransaction, type Transaction } from '../../src/db/connection.ts';
import { idToUuid } from '../../src/lib/ids.ts';
import type { ListPosition } from '../../src/lib/page.ts';
import { type RequestFilters, selectRequests } from '../../src/requests/read-store.ts';
import { newWorkspaceId, openTestClient } from '../audit/log.ts';
import { createTestDatabase } from '../support/database.ts';
import { createWorld } from './world.ts';

const database = await createTestDatabase();
const { db, sql } = createWorld(database);
const workspaceId = newWorkspaceId();
const CALLS = 40_000;
const LIMIT = 51;
const NEWEST = Date.UTC(2027, 0, 31);
/** When the call of this number came. */
const timeOf = (number: number) => new Date(NEWEST - number * 2_000);

// One key makes most of the calls, one has stopped long ago; failures and deletions are rare.
beforeAll(async () => {
  await sql`
    insert into request_log (id, workspace_id, environment, at, principal_id, method, route, status, duration_ms,
      request_id, ip, user_agent)
    select gen_random_uuid(), ${idToUuid(workspaceId)}, 'live', ${new Date(NEWEST).toISOString()}::timestamptz - n * interval '2 seconds',
      'key_' || case when n > 30000 then 'old' when n % 100 < 95 then 'busy' else 'rare' end,
      case when n % 10000 = 7 then 'DELETE' when n % 3 = 0 then 'POST' else 'GET' end,
      '/v1/' || case when n % 10000 = 7 then 'tokens/{id}' when n % 3 = 0 then 'tokens' else 'r' || n % 20 end,
      case when n % 4000 = 11 then 500 when n % 50 = 1 then 404 when n % 1000 = 2 then 409 when n % 3 = 0 then 201 else 200 end,
      5, 'req', '10.0.' || n % 5000 / 250 || '.' || n % 250, 'test'
    from generate_series(${CALLS}::int, 1, -1) n`;
  await openTestClient(database.owner)`analyze request_log`;
}, 60_000);

/** Rows of the log that this transaction has looked at. */
async function looked(tx: Transaction): Promise<number> {
  const [row] = await clientOf(tx)<{ rows: number }[]>`
    select (seq_tup_read + idx_tup_fetch)::int as rows from pg_stat_xact_user_tables where relname = 'request_log'`;
  return row?.rows ?? 0;
}

/** What a look at every row finds. */
async function expected({ principal, method, route, status, ip, since, until }: RequestFilters): Promise<string[]> {
  const rows = await sql<{ at: string; status: number }[]>`
    select at, status from request_log
    where (${principal ?? null}::text is null or principal_id = ${principal ?? null})
      and (${method ?? null}::text is null or method = ${method ?? null})
      and (${route ?? null}::text is null or route = ${route ?? null})
      and status between ${status?.from ?? 0} and ${status?.to ?? 999}
      and (${ip ?? null}::text is null or ip = ${ip ?? null})
      and at >= ${(since ?? new Date(0)).toISOString()}::timestamptz
      and at < ${(until ?? new Date(2 * NEWEST)).toISOString()}::timestamptz
    order by at desc limit ${LIMIT}`;
  return rows.map(({ at, status: code }) => `${new Date(at).toISOString()} ${code}`);
}

const NIL = '00000000-0000-0000-0000-000000000000';

/** A page, and how many rows it took to make it. */
async function read(filters: RequestFilters, position?: ListPosition) {
  return await inTransaction(db, async (tx) => {
    const start = await looked(tx);
    const realm = { workspaceId, environment: 'live' } as const;
    const requests = await selectRequests(tx, realm, filters, { limit: LIMIT, position });
    const found = requests.map(({ createdAt, status }) => `${createdAt.toISOString()} ${status}`);
    return { found, rows: (await looked(tx)) - start };
  });
}

const only = (from: number, to = from) => ({ from, to });

describe('a page of calls', () => {
  // Five statuses, and some 30 routes with their methods, of each of which the first are merged.
  it.each<[string, RequestFilters, number]>([
    ['of all', {}, LIMIT],
    ['since', { since: timeOf(20_000) }, LIMIT],
    ['until', { until: timeOf(20_000) }, LIMIT],
    ['of the busiest caller', { principal: 'key_busy' }, 6 * LIMIT],
    ['of a rare caller', { principal: 'key_rare' }, 6 * LIMIT],
    ['of a caller that has stopped', { principal: 'key_old' }, 6 * LIMIT],
    ['of a caller that never called', { principal: 'key_none' }, 10],
    ['of a caller since', { principal: 'key_busy', since: timeOf(10_000) }, 6 * LIMIT],
    ['of a caller until', { principal: 'key_busy', until: timeOf(20_000) }, 6 * LIMIT],
    ['of a caller that has stopped, since then', { principal: 'key_old', since: timeOf(20_000) }, 10],
    ['of a status', { status: only(200) }, 2 * LIMIT],
    ['of a rare status', { status: only(500) }, 2 * LIMIT],
    ['of a status that never was', { status: only(418) }, 10],
    ['of a class', { status: only(400, 499) }, 3 * LIMIT],
    ['of a rare class', { status: only(500, 599) }, 2 * LIMIT],
    ['of a class until', { status: only(400, 499), until: timeOf(20_000) }, 3 * LIMIT],
    ['of the failures of a caller', { principal: 'key_busy', status: only(500, 599) }, 2 * LIMIT],
    ['of the failures of one that has stopped', { principal: 'key_old', status: only(400, 499) }, 3 * LIMIT],
    ['of an address', { ip: '10.0.3.7' }, 6 * LIMIT],
    ['of an address that never called', { ip: '192.0.2.1' }, 10],
    ['of an address and a class', { ip: '10.0.3.7', status: only(400, 499) }, 3 * LIMIT],
    ['of an address and a caller', { ip: '10.0.3.7', principal: 'key_busy' }, 6 * LIMIT],
    ['of a route', { route: '/v1/tokens' }, 8 * LIMIT],
    ['of a rare route', { route: '/v1/tokens/{id}' }, 8 * LIMIT],
    ['of a route that there is not', { route: '/v1/nowhere' }, 2 * LIMIT],
    ['of a method and a route', { method: 'POST', route: '/v1/tokens' }, 6 * LIMIT],
    ['of a method and a route until', { method: 'POST', route: '/v1/tokens', until: timeOf(20_000) }, 6 * LIMIT],
    ['of the failures of a route', { route: '/v1/tokens', status: only(400, 499) }, 6 * LIMIT],
    ['of a method', { method: 'GET' }, 100 * LIMIT],
    ['of a rare method', { method: 'DELETE' }, 4 * LIMIT],
    ['of a method that was never used', { method: 'PUT' }, 2 * LIMIT],
    ['of a rare route and a caller', { principal: 'key_busy', route: '/v1/tokens/{id}' }, 8 * LIMIT],
    [
      'of everything',
      {
        principal: 'key_busy',
        method: 'POST',
        route: '/v1/tokens',
        status: only(200, 299),
        ip: '10.0.3.9',
        since: timeOf(30_000),
        until: timeOf(100),
      },
      4 * LIMIT,
    ],
  ])('%s has the newest, and looks at few others', async (_, filters, most) => {
    const { found, rows } = await read(filters);
    expect(found).toEqual(await expected(filters));
    expect(rows).toBeLessThanOrEqual(most);
  });

  it('goes on where the one before has ended, wherever that is', async () => {
    for (const filters of [{}, { principal: 'key_old' }, { status: only(400, 499) }, { method: 'GET' }]) {
      const all = await expected({ ...filters, until: timeOf(35_000) });
      const { found, rows } = await read(filters, { createdAt: timeOf(35_000), uuid: NIL });
      expect(found).toEqual(all);
      expect(rows).toBeLessThanOrEqual(100 * LIMIT);
    }
  });
});

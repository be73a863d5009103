import { afterEach, expect, it, vi } from 'vitest';
import { startHousekeeping } from '../../src/context/housekeeping.ts';
import { connect, openPool } from '../../src/db/connection.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createTestDatabase } from '../support/database.ts';

const database = await createTestDatabase();
const { db, close } = openPool(database.app, { maxConnections: 2, applicationName: 'tooken-test' });
const sql = db.$client;

afterEach(async () => {
  vi.useRealTimers();
  await close();
});

it('what has grown old goes at the next turn, also if something before it cannot be removed', async () => {
  const owner = connect(database.owner, { max: 1 });
  // Old sessions cannot go, and so the turn has a failure before its last thing.
  await owner`alter table sessions rename to sessions_away`;
  await owner.end();
  await sql`
    insert into sign_in_failures (key, failures, last_failure_at) values ('\\x01', 1, now() - interval '2 days')`;
  await sql`
    insert into request_log (id, workspace_id, environment, at, principal_id, method, route, status, duration_ms, request_id)
    values (gen_random_uuid(), gen_random_uuid(), 'live', now() - interval '31 days', 'key_x', 'GET', '/', 200, 1, 'x')`;
  const failures: string[] = [];
  const logger = { log: (_level: string, event: string) => void failures.push(event), isEnabled: () => true };

  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const housekeeping = startHousekeeping({ db, clock: systemClock, logger, requestLogDays: 30 });
  vi.advanceTimersByTime(10 * 60 * 1000);
  const left = async () => {
    const [row] = await sql`
      select (select count(*)::int from sign_in_failures) as failures, (select count(*)::int from request_log) as calls`;
    return row;
  };
  await expect.poll(left).toEqual({ failures: 0, calls: 0 });
  expect(failures).toEqual(['sessions.purge_failed']);
  housekeeping.stop();
});

import { expect, test } from 'vitest';
import { logIdOf } from '../../src/audit/events/append.ts';
import { drain } from '../../src/audit/sequencer/drain.ts';
import { openPool } from '../../src/db/connection.ts';
import type { WorkspaceId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { appendAll, newEvent, newWorkspaceId, openTestClient, until } from './log.ts';

const database = await createTestDatabase();
const owner = openTestClient(database.owner);

const EVENTS = 150_000;
const PLACED = 4_000;
const TABLES = ['audit_events', 'audit_leaves', 'audit_pending', 'audit_private'];

test('a backlog that the planner knows nothing of is placed by look-ups, not by reading whole tables', {
  timeout: 60_000,
}, async () => {
  const { db, close } = openPool(database.app, { maxConnections: 1, applicationName: 'tooken-test' });
  // Whoever analyses them meanwhile would spoil it.
  for (const table of TABLES) await owner`alter table ${owner(table)} set (autovacuum_enabled = false)`;
  const workspaceId = newWorkspaceId();
  await appendAll(db, newEvent(workspaceId));
  await multiplyEvents(EVENTS - 1);
  const before = await rowsRead();
  const draining = drain(db, logIdOf(workspaceId), { wait: true }).catch(() => {});
  await until(async () => (await placed(workspaceId)) >= PLACED);
  await close();
  await draining;
  // All of the queue may be read once for each batch.
  expect((await rowsRead()) - before).toBeLessThan(EVENTS * 10);
});

async function placed(workspaceId: WorkspaceId): Promise<number> {
  const [row] = await owner<{ size: number }[]>`
    select size::int as size from audit_logs where id = ${logIdOf(workspaceId)}`;
  return row?.size ?? 0;
}

/** As many more events like the only one there is, each with its payloads, waiting for their place. */
async function multiplyEvents(count: number): Promise<void> {
  await owner`create temporary table copies as
    select gen_random_uuid() as id, event.log_id, event.occurred_at, event.leaf, event.id as original
    from audit_events event cross join generate_series(1, ${count}::int)`;
  await owner`insert into audit_events select id, log_id, occurred_at, leaf from copies`;
  await owner`
    insert into audit_private (event_id, slot, log_id, subject_type, subject_id, salt, payload)
    select copies.id, slot, part.log_id, subject_type, subject_id, salt, payload
    from copies join audit_private part on part.event_id = copies.original`;
  await owner`insert into audit_pending (log_id, event_id) select log_id, id from copies`;
}

/** How many rows were read so far by going through whole tables. */
async function rowsRead(): Promise<number> {
  await owner`select pg_stat_force_next_flush()`;
  const [row] = await owner<{ rows: number }[]>`
    select sum(seq_tup_read)::float8 as rows from pg_stat_user_tables where relname = any(${TABLES})`;
  return row?.rows ?? 0;
}

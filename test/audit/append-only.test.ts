import { describe, expect, test } from 'vitest';
import { logIdOf } from '../../src/audit/events/append.ts';
import { drain } from '../../src/audit/sequencer/drain.ts';
import { APPEND_ONLY_TABLES } from '../../src/db/migrate.ts';
import { idToUuid } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { appendAll, newEvent, newWorkspaceId, openTestClient, openTestPool } from './log.ts';

const database = await createTestDatabase();
const db = openTestPool(database.app);
const owner = openTestClient(database.owner);

const workspaceId = newWorkspaceId();
await appendAll(db, newEvent(workspaceId));
const logId = logIdOf(workspaceId);
await drain(db, logId, { wait: true });
await fillWhatOneEventLeavesEmpty();

const STATEMENTS = ['update %s set log_id = log_id', 'delete from %s', 'truncate %s'];
const cases = APPEND_ONLY_TABLES.flatMap((table) => STATEMENTS.map((text) => text.replace('%s', table)));

describe('records of the log are written once', () => {
  const hasAppRole = database.app.user !== database.owner.user;

  test.each(APPEND_ONLY_TABLES)('%s has a row to defend', async (table) => {
    const [row] = await owner`select count(*)::int as count from ${owner(table)}`;
    expect(row?.count).toBeGreaterThan(0);
  });

  test.runIf(hasAppRole).each(cases)('the role of the service may not: %s', async (statement) => {
    await expect(db.$client.unsafe(statement)).rejects.toMatchObject({ code: '42501' });
  });

  test.runIf(hasAppRole)('the role of the service may not take the head of a log away', async () => {
    await expect(db.$client`delete from audit_logs`).rejects.toMatchObject({ code: '42501' });
  });

  test.each(cases)('not even the owner can: %s', async (statement) => {
    await expect(owner.unsafe(statement)).rejects.toMatchObject({ code: '23001' });
  });

  test.each(cases)('not even in a session that skips ordinary triggers: %s', async (statement) => {
    const changing = owner.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx.unsafe(statement);
    });
    await expect(changing).rejects.toMatchObject({ code: '23001' });
  });
});

async function fillWhatOneEventLeavesEmpty(): Promise<void> {
  const event = newWorkspaceId();
  // One event fills no tile.
  await owner.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`insert into audit_tiles values (${logId}, 0, 0, '', '')`;
  });
  await owner`insert into audit_log_keys values (${logId}, 9, 'test', '', '', now())`;
  await owner`insert into audit_checkpoints values (${logId}, 9, 1, '', '', now())`;
  await owner`insert into audit_cosignatures values (${logId}, 9, 1, 'witness', '', now())`;
  await addErasure(idToUuid(event));
  await owner`insert into audit_introspections values (${idToUuid(event)}, ${logId}, '')`;
  await owner`insert into audit_words values (${logId}, 'live', 'word', 0) on conflict do nothing`;
}

/** As no service would write it, and just good enough for the database. */
async function addErasure(eventId: string): Promise<void> {
  const at = new Date().toISOString();
  const target = { type: 'token', id: 'nobody' };
  const leaf = { occurred_at: at, action: 'personal_data.erased', outcome: '', actor: { type: '' }, targets: [target] };
  await owner.begin(async (tx) => {
    await tx`insert into audit_erasures values (${eventId}, ${logId}, 'token', 'nobody', pg_current_xact_id()::text)`;
    await tx`insert into audit_events values (${eventId}, ${logId}, ${at}, ${Buffer.from(JSON.stringify(leaf))})`;
  });
}

import { expect, test } from 'vitest';
import { logIdOf } from '../../src/audit/events/append.ts';
import { drain, drainForRead } from '../../src/audit/sequencer/drain.ts';
import type { Database } from '../../src/db/connection.ts';
import type { WorkspaceId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { expectOneHistory, openTestEvidence, signAll } from './evidence.ts';
import * as log from './log.ts';

/** What somebody with the rights of the service's role may try, to have a log stand still for good. */
const database = await createTestDatabase();
const db = log.openTestPool(database.app);
const evidence = openTestEvidence(db);

async function createLog(size: number): Promise<{ workspaceId: WorkspaceId; logId: string }> {
  const workspaceId = log.newWorkspaceId();
  await log.appendAll(db, ...log.range(size).map(() => log.newEvent(workspaceId)));
  await signAll(evidence, db, workspaceId);
  return { workspaceId, logId: logIdOf(workspaceId) };
}

async function expectToGoOn(workspaceId: WorkspaceId, size: number): Promise<void> {
  await log.appendAll(db, log.newEvent(workspaceId, { reason: 'it goes on' }));
  expect(await signAll(evidence, db, workspaceId)).toMatchObject({ size, generation: 1 });
  await expectOneHistory(db, workspaceId);
}

type Attempt = (sql: Database['$client'], logId: string) => Promise<unknown>;

const leafAt =
  (index: number): Attempt =>
  (sql, logId) =>
    sql`
    insert into audit_leaves (log_id, leaf_index, event_id, hash, environment, action, outcome, actor_id, occurred_at,
      logged_at)
    select log_id, ${index}, gen_random_uuid(), hash, environment, action, outcome, actor_id, occurred_at, logged_at
    from audit_leaves where log_id = ${logId} and leaf_index = 0`;

test.each<[string, Attempt]>([
  ['the leaf that comes next', leafAt(3)],
  ['a leaf further on', leafAt(9)],
  ['a leaf before the first', leafAt(-1)],
  [
    'a leaf that leaves a gap, with a head that counts it',
    (sql, logId) => sql`
      with head as (update audit_logs set size = 6 where id = ${logId})
      insert into audit_leaves (log_id, leaf_index, event_id, hash, environment, action, outcome, actor_id, occurred_at,
        logged_at)
      select log_id, 5, gen_random_uuid(), hash, environment, action, outcome, actor_id, occurred_at, logged_at
      from audit_leaves where log_id = ${logId} and leaf_index = 2`,
  ],
  ['a head that goes back', (sql, logId) => sql`update audit_logs set size = 1 where id = ${logId}`],
  ['a head that runs ahead', (sql, logId) => sql`update audit_logs set size = 10 where id = ${logId}`],
  ['a head of another log', (sql, logId) => sql`update audit_logs set id = gen_random_uuid() where id = ${logId}`],
  ['a time far ahead', (sql, logId) => sql`update audit_logs set logged_at = 'infinity' where id = ${logId}`],
  [
    'a head of nothing',
    (sql) => sql`insert into audit_logs (id, size, logged_at) values (gen_random_uuid(), 5, now())`,
  ],
  ['a tile before its leaves', (sql, logId) => sql`insert into audit_tiles values (${logId}, 0, 0, '', '')`],
  ['a tile of no level', (sql, logId) => sql`insert into audit_tiles values (${logId}, -1, 0, '', '')`],
  [
    'the last generation that there can be',
    (sql, logId) => sql`
      insert into audit_log_keys values (${logId}, 2147483647, 'somewhere', '', '', now())`,
  ],
  [
    'a generation before the first',
    (sql, logId) => sql`insert into audit_log_keys values (${logId}, 0, 'somewhere', '', '', now())`,
  ],
  [
    'a checkpoint of more than there is',
    (sql, logId) => sql`insert into audit_checkpoints values (${logId}, 1, 1000000, '', '', now())`,
  ],
  [
    'a checkpoint of a generation to come',
    (sql, logId) => sql`insert into audit_checkpoints values (${logId}, 2, 1, '', '', now())`,
  ],
  [
    'a cosignature of a checkpoint to come',
    (sql, logId) => sql`insert into audit_cosignatures values (${logId}, 1, 4, 'witness', '', now())`,
  ],
])('a log goes on, since the database refuses %s', async (_name, attempt) => {
  const { workspaceId, logId } = await createLog(3);
  await expect(attempt(db.$client, logId)).rejects.toMatchObject({ code: expect.stringMatching(/^23(001|514)$/) });
  await expectToGoOn(workspaceId, 4);
});

test('a log goes on, whatever lies in its indexes already', async () => {
  const { workspaceId, logId } = await createLog(1);
  const targetId = log.newTokenId();
  const next = log.newEvent(workspaceId, { reason: 'held_up', targets: [{ type: 'token', id: targetId, name: null }] });
  await db.$client`insert into audit_targets values (${logId}, 'live', ${targetId}, 1)`;
  await db.$client`insert into audit_sources values (${logId}, 'live', '192.0.2.1', 1)`;
  await db.$client`insert into audit_words values (${logId}, 'live', 'held_up', 1)`;
  await db.$client`update audit_counts set events = 9223372036854775807 where log_id = ${logId}`;
  await log.appendAll(db, next);
  expect(await drainForRead(db, logId)).toBe(2);
  await expectToGoOn(workspaceId, 3);
});

const LONG = Array.from({ length: 5_000 }, (_, n) => String.fromCodePoint(0x4e00 + ((n * 7919) % 20_000))).join('');

test.each<[string, Record<string, unknown>]>([
  ['a target without an id', { targets: [{}] }],
  ['a target that is none', { targets: [5] }],
  ['a target that no index can hold', { targets: [{ id: LONG }] }],
  ['an action that no index can hold', { action: LONG }],
  ['an actor that no index can hold', { actor: { type: 'api_key', id: LONG } }],
  ['a request that no index can hold', { request: { id: LONG } }],
  ['a time that is another in other sessions', { occurred_at: new Date().toISOString().slice(0, -1) }],
])('an event that could not be placed is refused: %s', async (_name, parts) => {
  const { workspaceId, logId } = await createLog(1);
  await expect(addLeaf(logId, parts)).rejects.toMatchObject({ code: '23514' });
  await expectToGoOn(workspaceId, 2);
});

test.each<[string, Record<string, unknown>]>([
  ['changes that are no list', { changes: { field: 'x' } }],
  ['changes that are no objects', { changes: [5, null, []] }],
  ['no changes', { changes: null }],
  ['no environment', { environment: 7 }],
])('an event is placed that has %s', async (_name, parts) => {
  const { workspaceId, logId } = await createLog(1);
  await addLeaf(logId, parts);
  expect(await drain(db, logId, { wait: true })).toBe(1);
  await expectToGoOn(workspaceId, 3);
});

/** As the role of the service may write it into the tables, with whatever in it. */
async function addLeaf(logId: string, parts: Record<string, unknown>): Promise<void> {
  const at = typeof parts.occurred_at === 'string' ? `${parts.occurred_at}Z` : new Date().toISOString();
  const plain = { action: 'x', operation: 'modify', outcome: 'y', actor: { type: 'system' }, targets: [], changes: [] };
  const leaf = Buffer.from(JSON.stringify({ occurred_at: at, ...plain, ...parts }));
  await db.$client`
    with event as (
      insert into audit_events (id, log_id, occurred_at, leaf)
      values (gen_random_uuid(), ${logId}, ${at}, ${leaf}) returning id
    )
    insert into audit_pending (log_id, event_id) select ${logId}, id from event`;
}

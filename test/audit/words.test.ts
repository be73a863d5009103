import { expect, test } from 'vitest';
import { logIdOf } from '../../src/audit/events/append.ts';
import type { NewEvent } from '../../src/audit/events/event.ts';
import { drain } from '../../src/audit/sequencer/drain.ts';
import type { WorkspaceId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import * as log from './log.ts';

const database = await createTestDatabase();
const db = log.openTestPool(database.app);
const owner = log.openTestClient(database.owner);

async function place(workspaceId: WorkspaceId, ...parts: Partial<NewEvent>[]): Promise<void> {
  await log.appendAll(db, ...parts.map((part) => log.newEvent(workspaceId, part)));
  await drain(db, logIdOf(workspaceId), { wait: true });
}

async function wordsOf(workspaceId: WorkspaceId): Promise<string[]> {
  const rows = await owner<{ word: string }[]>`
    select word from audit_words where log_id = ${logIdOf(workspaceId)} order by leaf_index, word`;
  return rows.map(({ word }) => word);
}

test.each<[string, Partial<NewEvent>, string[]]>([
  ['of a plain event there are none', {}, []],
  [
    'a reason, whole and in parts',
    { reason: 'insufficient_scope:tokens:write' },
    ['insufficient_scope:tokens:write', 'scope', 'tokens', 'tokens:write', 'write'],
  ],
  ['a reason of one word', { reason: 'expired' }, ['expired']],
  [
    'of something new, what strings it has, but no times',
    {
      changes: [
        { field: 'scopes', old: null, new: ['Invoices:read', 'b:write'] },
        { field: 'expires_at', old: null, new: '2027-01-31T12:00:00.000Z' },
        { field: 'audience', old: null, new: 'billing' },
      ],
    },
    ['b:write', 'billing', 'invoices:read'],
  ],
  [
    'of a change, also which field it was, and what was before',
    { action: 'token.updated', changes: [{ field: 'scopes', old: ['a:read'], new: ['a:read', 'b:read'] }] },
    ['a:read', 'b:read', 'scopes'],
  ],
  [
    'of a personal change, only the field',
    { action: 'token.updated', changes: [{ field: 'name', old: 'Ada', new: 'Bob', isPersonal: true }] },
    ['name'],
  ],
  [
    'nothing that is not a string, or is long',
    { changes: [{ field: 'limit', old: null, new: [1, true, null, { a: 'b' }, 'x'.repeat(65)] }] },
    [],
  ],
])('words: %s', async (_, parts, words) => {
  const workspaceId = log.newWorkspaceId();
  await place(workspaceId, parts);
  expect(await wordsOf(workspaceId)).toEqual([...words].sort());
});

test('counts hold every leaf once, however many drains it took', async () => {
  const workspaceId = log.newWorkspaceId();
  await place(workspaceId, {}, {}, { environment: 'test' });
  await place(workspaceId, {}, { action: 'request.denied', outcome: 'denied' }, { environment: null });
  const rows = await owner`
    select environment, action, outcome, sum(events)::int as events from audit_counts
    where log_id = ${logIdOf(workspaceId)} group by 1, 2, 3 order by 1, 2, 3`;
  expect(rows.map((row) => Object.values(row))).toEqual([
    ['live', 'request.denied', 'denied', 1],
    ['live', 'token.created', 'success', 4],
    ['test', 'token.created', 'success', 1],
  ]);
});

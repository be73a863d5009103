import { describe, expect, test } from 'vitest';
import type { NewEvent } from '../../src/audit/events/event.ts';
import { searchWords } from '../../src/audit/queries/filters.ts';
import { createTestDatabase } from '../support/database.ts';
import * as log from './log.ts';

const database = await createTestDatabase();
const db = log.openTestPool(database.app);

describe('a search', async () => {
  const workspaceId = log.newWorkspaceId();
  const live = { workspaceId, environment: 'live' } as const;
  const ada = log.newKeyId();
  const actor = { type: 'api_key', id: ada, name: 'Ada Lovelace' } as const;
  const request = (id: string) => ({ id, method: 'GET', route: '/v1/tokens', ip: '192.0.2.77', userAgent: 'Firefox' });
  const parts: Partial<NewEvent>[] = [
    {
      actor,
      request: request('Req-A'),
      changes: [{ field: 'scopes', old: null, new: ['invoices:read', 'mail:send'] }],
    },
    { action: 'token.revoked', targets: [{ type: 'token', id: 'tkn_one', name: 'deploy' }], note: 'leaked by Bob' },
    { action: 'request.denied', outcome: 'denied', targets: [], reason: 'insufficient_scope:invoices:write' },
    { action: 'scope.created', targets: [{ type: 'scope', id: 'invoices:read', name: null }] },
    {
      action: 'token.updated',
      changes: [
        { field: 'scopes', old: ['a:read'], new: ['b:read'] },
        { field: 'description', old: 'secretive', new: 'shy', isPersonal: true },
      ],
    },
    {
      action: 'authentication.failed',
      outcome: 'failure',
      reason: 'expired',
      actor: { type: 'anonymous', id: null, name: null },
    },
  ];
  await log.appendAll(db, ...parts.map((part) => log.newEvent(workspaceId, part)));
  // What is of the other environment must never show.
  await log.appendAll(db, ...parts.map((part) => log.newEvent(workspaceId, { ...part, environment: 'test' })));

  const found = async (text: string) =>
    (await log.query(db, live, { words: searchWords(text) }, { order: 'asc' })).events.map(
      ({ leaf_index }) => leaf_index,
    );

  test.each<[string, string, number[]]>([
    ['an action', 'token.revoked', [1]],
    ['a part of actions', 'oken.', [0, 1, 4]],
    ['an operation', 'modify', [1, 4]],
    ['an outcome', 'denied', [2]],
    ['an actor', ada, [0]],
    ['an actor in capitals', ada.toUpperCase(), [0]],
    ['an actor without an id', 'anonymous', [5]],
    ['a target', 'tkn_one', [1]],
    ['a scope, as target and in changes', 'invoices:read', [0, 3]],
    ['a scope in capitals', 'INVOICES:READ', [0, 3]],
    ['the beginning of a scope in changes and reasons', 'invoices', [0, 2]],
    ['a request', 'Req-A', [0]],
    ['a reason', 'expired', [5]],
    ['the beginning of a reason', 'insuff', [2]],
    ['a part of a reason', 'scope:', []],
    ['the scope in a reason', 'invoices:write', [2]],
    ['a changed field', 'description', [4]],
    ['what something was before', 'a:read', [4]],
    ['two letters that only begin something', 'in', []],
    ['two words', 'token invoices', [0]],
    ['two words the other way round', 'invoices token', [0]],
    ['two words of which one is nowhere', 'token nowhere', []],
    ['one word twice', 'denied DENIED denied', [2]],
    ['five words', 'denied insufficient_scope write request invoices:write', [2]],
    ['a name', 'Lovelace', []],
    ['an address', '192.0.2.77', []],
    ['free text', 'leaked', []],
    ['a personal value', 'secretive', []],
    ['what a pattern would find', 'token%', []],
    ['what a pattern would find, too', 'tkn_on_', []],
    ['quotes', "' or 1=1 --", []],
  ])('finds %s: %s', async (_, text, indexes) => {
    expect(await found(text)).toEqual(indexes);
  });

  test('goes together with filters, pages, and its cursor is for it alone', async () => {
    const filters = { words: ['token'], actions: ['token.*'] };
    const first = await log.query(db, live, filters, { order: 'asc', limit: 2 });
    expect(first.events.map(({ leaf_index }) => leaf_index)).toEqual([0, 1]);
    const cursor = first.nextCursor ?? '';
    const second = await log.query(db, live, filters, { order: 'asc', limit: 2, cursor });
    expect(second.events.map(({ leaf_index }) => leaf_index)).toEqual([4]);
    for (const words of [undefined, ['tokens'], ['token', 'read']]) {
      await expect(log.query(db, live, { ...filters, words }, { order: 'asc', limit: 2, cursor })).rejects.toThrow(
        'cursor',
      );
    }
  });

  test('finds what begins with a word among very many that do', async () => {
    const other = log.newWorkspaceId();
    const scopes = log.range(80).map((n) => `many:${String(n).padStart(3, '0')}`);
    for (const scope of scopes) {
      await log.appendAll(db, log.newEvent(other, { changes: [{ field: 'scopes', old: null, new: [scope] }] }));
    }
    const { events } = await log.query(db, { workspaceId: other, environment: 'live' }, { words: ['many'] });
    expect(events).toHaveLength(50);
    const exact = await log.query(db, { workspaceId: other, environment: 'live' }, { words: ['many:079'] });
    expect(exact.events).toHaveLength(1);
  });
});

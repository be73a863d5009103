import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logIdOf } from '../../src/audit/events/append.ts';
import type { NewEvent } from '../../src/audit/events/event.ts';
import { type AuditFilters, isActionPattern } from '../../src/audit/queries/filters.ts';
import { getEvent } from '../../src/audit/queries/read.ts';
import { createCursorCodec } from '../../src/lib/cursor.ts';
import { idToUuid, type WorkspaceId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import * as log from './log.ts';

const database = await createTestDatabase();
const db = log.openTestPool(database.app);
const owner = log.openTestClient(database.owner);

const live = (workspaceId: WorkspaceId | null) => ({ workspaceId, environment: 'live' }) as const;
const test_ = (workspaceId: WorkspaceId | null) => ({ workspaceId, environment: 'test' }) as const;

describe('filters', async () => {
  const workspaceId = log.newWorkspaceId();
  const [ada, bob] = [log.newKeyId(), log.newKeyId()];
  const key = (id: string, name: string) => ({ type: 'api_key', id, name }) as const;
  const token = (id: string) => ({ type: 'token', id, name: id }) as const;
  const from = (ip: string | null, id: string) => ({ id, method: 'GET', route: '/v1/tokens', ip, userAgent: null });
  const parts: Partial<NewEvent>[] = [
    { actor: key(ada, 'Ada'), targets: [token('tkn_1')], request: from('192.0.2.1', 'r1') },
    {
      actor: key(bob, 'Bob'),
      targets: [token('tkn_1'), token('tkn_2')],
      action: 'token.revoked',
      request: from('2001:db8::1', 'r2'),
    },
    {
      actor: key(ada, 'Ada'),
      targets: [],
      action: 'request.denied',
      outcome: 'denied',
      request: from('192.0.2.1', 'r3'),
    },
    {
      actor: { type: 'anonymous', id: null, name: null },
      targets: [],
      action: 'authentication.failed',
      outcome: 'failure',
      request: from(null, 'r3'),
    },
    {
      actor: { type: 'system', id: null, name: null },
      targets: [{ type: 'workspace', id: 'ws_1', name: 'w' }],
      action: 'workspace.created',
      environment: null,
      request: null,
    },
  ];
  await log.appendAll(db, ...parts.map((part) => log.newEvent(workspaceId, part)));

  const found = async (filters: AuditFilters) =>
    (await log.query(db, live(workspaceId), filters, { order: 'asc' })).events.map(({ leaf_index }) => leaf_index);

  test.each<[string, AuditFilters, number[]]>([
    ['nothing', {}, [0, 1, 2, 3, 4]],
    ['an action', { actions: ['token.revoked'] }, [1]],
    ['actions', { actions: ['token.revoked', 'workspace.created', 'token.revoked'] }, [1, 4]],
    ['all actions of a kind', { actions: ['token.*'] }, [0, 1]],
    ['kinds and actions', { actions: ['token.*', 'token.created', 'request.denied'] }, [0, 1, 2]],
    ['an action that is none', { actions: ['nobody.cared'] }, []],
    ['an actor', { actors: [ada] }, [0, 2]],
    ['actors', { actors: [ada, bob] }, [0, 1, 2]],
    ['actors without an id', { actors: ['system', 'anonymous'] }, [3, 4]],
    ['a target', { targets: ['tkn_1'] }, [0, 1]],
    ['targets that one event names together', { targets: ['tkn_1', 'tkn_2'] }, [0, 1]],
    ['an outcome', { outcomes: ['denied'] }, [2]],
    ['outcomes', { outcomes: ['denied', 'failure'] }, [2, 3]],
    ['an address', { ip: '192.0.2.1' }, [0, 2]],
    ['an address in other clothes', { ip: '2001:0DB8:0:0::1' }, [1]],
    ['a request', { requestId: 'r3' }, [2, 3]],
    ['a target and an actor', { targets: ['tkn_1'], actors: [bob] }, [1]],
    ['an address and an outcome', { ip: '192.0.2.1', outcomes: ['denied'] }, [2]],
    [
      'everything',
      {
        actions: ['token.*'],
        actors: [ada],
        targets: ['tkn_1'],
        outcomes: ['success'],
        ip: '192.0.2.1',
        requestId: 'r1',
      },
      [0],
    ],
    ['what contradicts itself', { actions: ['token.*'], outcomes: ['denied'] }, []],
    ['an empty list', { actions: [] }, []],
  ])('%s', async (_, filters, indexes) => {
    expect(await found(filters)).toEqual(indexes);
  });

  test('newest first is the other way round', async () => {
    const { events } = await log.query(db, live(workspaceId), { actors: [ada] });
    expect(events.map(({ leaf_index }) => leaf_index)).toEqual([2, 0]);
  });

  test('a pattern is an action or the kind of one', () => {
    expect(['token.created', 'token.*', 'api_key.*'].every(isActionPattern)).toBe(true);
    expect(['', '*', '.*', 'token', 'token.', 'tok*', 'nobody.*', 'toString', 'token.*.*'].some(isActionPattern)).toBe(
      false,
    );
  });
});

describe('time', () => {
  test('since is included, until is not', async () => {
    const workspaceId = log.newWorkspaceId();
    await log.appendAll(db, log.newEvent(workspaceId));
    const { events } = await log.query(db, live(workspaceId));
    const at = Date.parse(events[0]?.occurred_at ?? '');
    const count = async (filters: AuditFilters) => (await log.query(db, live(workspaceId), filters)).events.length;
    expect(await count({ since: new Date(at) })).toBe(1);
    expect(await count({ since: new Date(at + 1) })).toBe(0);
    expect(await count({ until: new Date(at) })).toBe(0);
    expect(await count({ until: new Date(at + 1) })).toBe(1);
  });

  test('any instant that there is will do', async () => {
    const workspaceId = log.newWorkspaceId();
    await log.appendAll(db, log.newEvent(workspaceId));
    const [first, last] = [new Date(-8.64e15), new Date(8.64e15)];
    expect((await log.query(db, live(workspaceId), { since: first, until: last })).events).toHaveLength(1);
    expect((await log.query(db, live(workspaceId), { since: last, until: first })).events).toEqual([]);
    expect((await log.query(db, live(workspaceId), { until: new Date('0000-01-01T00:00:00Z') })).events).toEqual([]);
  });

  // As clocks that are off, slow transactions and repairs would leave it: times in an order that is not the log's.
  test('a range holds exactly the events that occurred in it, in whatever order they came', async () => {
    const minutes = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 30 });
    const edge = fc.option(fc.integer({ min: -1, max: 21 }), { nil: undefined });
    await owner`alter table audit_events disable trigger audit_events_clock`;
    await fc.assert(
      fc.asyncProperty(minutes, edge, edge, fc.constantFrom('asc', 'desc'), async (times, since, until, order) => {
        const workspaceId = log.newWorkspaceId();
        await appendAt(workspaceId, times);
        const filters = {
          since: since === undefined ? since : at(since),
          until: until === undefined ? until : at(until),
        };
        const expected = times.filter((time) => time >= (since ?? -1) && time < (until ?? 99));
        const { events } = await log.query(db, live(workspaceId), filters, { order });
        const sign = order === 'asc' ? expected : expected.toReversed();
        expect(events.map(({ occurred_at }) => occurred_at)).toEqual(sign.map((time) => at(time).toISOString()));
      }),
      { numRuns: 60 },
    );
    await owner`alter table audit_events enable trigger audit_events_clock`;
  });

  const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));

  async function appendAt(workspaceId: WorkspaceId, times: readonly number[]): Promise<void> {
    for (const time of times) await log.appendAt(db, at(time), log.newEvent(workspaceId));
  }
});

describe('who sees what', () => {
  test('test sees its own, live all the rest, and nobody another workspace', async () => {
    const [mine, other] = [log.newWorkspaceId(), log.newWorkspaceId()];
    for (const environment of ['live', 'test', null] as const) {
      await log.appendAll(db, log.newEvent(mine, { environment }), log.newEvent(other, { environment }));
    }
    const environments = async (viewer: Parameters<typeof log.query>[1]) =>
      (await log.query(db, viewer, {}, { order: 'asc' })).events.map(({ workspace, environment }) => [
        workspace,
        environment,
      ]);
    expect(await environments(live(mine))).toEqual([
      [mine, 'live'],
      [mine, null],
    ]);
    expect(await environments(test_(mine))).toEqual([[mine, 'test']]);
    expect(await environments(test_(other))).toEqual([[other, 'test']]);
    expect(await environments(live(log.newWorkspaceId()))).toEqual([]);
  });

  test('the log of the installation is apart, and whole', async () => {
    for (const environment of ['live', 'test', null] as const)
      await log.appendAll(db, log.newEvent(null, { environment }));
    for (const viewer of [live(null), test_(null)]) expect((await log.query(db, viewer)).events).toHaveLength(3);
  });

  test('one event is found by those who may list it, at once', async () => {
    const workspaceId = log.newWorkspaceId();
    const [id] = await log.appendAll(db, log.newEvent(workspaceId, { environment: 'test' }));
    if (id === undefined) throw new Error('nothing was appended');
    expect(await getEvent(db, test_(workspaceId), id)).toMatchObject({ id, leaf_index: 0 });
    expect(await getEvent(db, live(workspaceId), id)).toBeUndefined();
    expect(await getEvent(db, test_(log.newWorkspaceId()), id)).toBeUndefined();
  });

  test('an event whose payload is gone shows as redacted', async () => {
    const workspaceId = log.newWorkspaceId();
    const changes = [{ field: 'name', old: 'a', new: 'b', isPersonal: true }];
    const event = log.newEvent(workspaceId, { changes, note: 'because' });
    const [id] = await log.appendAll(db, event);
    if (id === undefined) throw new Error('nothing was appended');
    const before = await getEvent(db, live(workspaceId), id);
    expect(before).toMatchObject({
      redacted: false,
      note: 'because',
      changes: [{ field: 'name', old: 'a', new: 'b' }],
    });

    await owner.begin(async (tx) => {
      await tx`alter table audit_private disable trigger audit_private_is_only_erased`;
      await tx`delete from audit_private where event_id = ${idToUuid(id)} and slot <> 'source'`;
      await tx`alter table audit_private enable always trigger audit_private_is_only_erased`;
    });
    const after = await getEvent(db, live(workspaceId), id);
    expect(after).toMatchObject({ redacted: true, note: null, changes: [{ field: 'name', old: null, new: null }] });
    expect(after).toMatchObject({ actor: { id: event.actor.id, name: null }, source: { ip: '192.0.2.1' } });
  });

  test('a payload that its leaf does not commit to, added or edited, is not shown', async () => {
    const workspaceId = log.newWorkspaceId();
    const event = log.newEvent(workspaceId, { actor: { type: 'system', id: null, name: null } });
    const [id] = await log.appendAll(db, event);
    if (id === undefined) throw new Error('nothing was appended');
    const uuid = idToUuid(id);
    const forged = Buffer.from('{"name":"forged","note":"forged","ip":"203.0.113.9"}');

    await db.$client`insert into audit_private (event_id, slot, log_id, subject_type, subject_id, salt, payload)
      values (${uuid}, 'actor', ${idToUuid(workspaceId)}, 'system', 'system', ${Buffer.alloc(32)}, ${forged})`;
    const after = await getEvent(db, live(workspaceId), id);
    expect(after).toMatchObject({
      actor: { type: 'system', name: null },
      source: { ip: '192.0.2.1' },
      redacted: false,
    });

    await owner.begin(async (tx) => {
      await tx`alter table audit_private disable trigger audit_private_is_never_changed`;
      await tx`update audit_private set payload = ${forged} where event_id = ${uuid}`;
      await tx`alter table audit_private enable always trigger audit_private_is_never_changed`;
    });
    const edited = await getEvent(db, live(workspaceId), id);
    expect(JSON.stringify(edited)).not.toMatch(/forged|203\.0\.113\.9/);
    expect(edited).toMatchObject({ note: null, targets: [{ name: null }], source: { ip: null }, redacted: true });
  });
});

describe('a query', () => {
  test('sees every event answered before it, without a sequencer running', async () => {
    const workspaceId = log.newWorkspaceId();
    for (const n of log.range(5)) {
      await log.appendAll(db, log.newEvent(workspaceId, { reason: `${n}` }));
      const { events } = await log.query(db, live(workspaceId), {}, { limit: 1 });
      expect(events.map(({ reason }) => reason)).toEqual([`${n}`]);
    }
  });

  test('pages through everything once, in both orders, under every filter', async () => {
    const workspaceId = log.newWorkspaceId();
    const actors = log.range(3).map(() => ({ type: 'api_key', id: log.newKeyId(), name: null }) as const);
    const events = log.range(230).map((n) => {
      const actor = actors[n % 3] ?? { type: 'system', id: null, name: null };
      return log.newEvent(workspaceId, { actor, outcome: n % 2 === 0 ? 'success' : 'denied' });
    });
    await log.appendAll(db, ...events);
    const chosen = [actors[0]?.id ?? '', actors[1]?.id ?? ''];
    for (const filters of [{}, { actors: chosen }, { outcomes: ['denied'], actors: chosen }, { since: new Date(0) }]) {
      const whole = log
        .range(230)
        .filter((n) => !filters.actors || n % 3 < 2)
        .filter((n) => !filters.outcomes || n % 2 === 1);
      expect(await pageThrough(workspaceId, filters, 'asc')).toEqual(whole);
      expect(await pageThrough(workspaceId, filters, 'desc')).toEqual(whole.toReversed());
    }
  });

  async function pageThrough(
    workspaceId: WorkspaceId,
    filters: AuditFilters,
    order: 'asc' | 'desc',
  ): Promise<number[]> {
    const indexes: number[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await log.query(db, live(workspaceId), filters, { order, limit: 37, cursor });
      indexes.push(...page.events.map(({ leaf_index }) => leaf_index));
      if (page.events.length < 37) return indexes;
      cursor = page.nextCursor ?? undefined;
    }
  }
});

describe('a cursor', async () => {
  const workspaceId = log.newWorkspaceId();
  await log.appendAll(db, ...log.range(3).map(() => log.newEvent(workspaceId)));
  const { nextCursor } = await log.query(db, live(workspaceId), { actions: ['token.*'] }, { limit: 1 });
  const cursor = nextCursor ?? '';
  const use = (viewer: Parameters<typeof log.query>[1], filters: AuditFilters, order: 'asc' | 'desc', text: string) =>
    log.query(db, viewer, filters, { order, cursor: text });

  test('goes on where its page ended', async () => {
    const { events, nextCursor: end } = await use(live(workspaceId), { actions: ['token.*'] }, 'desc', cursor);
    expect(events.map(({ leaf_index }) => leaf_index)).toEqual([1, 0]);
    expect(end).toBeNull();
  });

  test('is refused with other filters, another order, environment or workspace', async () => {
    const foreign = [
      use(live(workspaceId), {}, 'desc', cursor),
      use(live(workspaceId), { actions: ['token.created'] }, 'desc', cursor),
      use(live(workspaceId), { actions: ['token.*'], since: new Date(0) }, 'desc', cursor),
      use(live(workspaceId), { actions: ['token.*'] }, 'asc', cursor),
      use(test_(workspaceId), { actions: ['token.*'] }, 'desc', cursor),
      use(live(log.newWorkspaceId()), { actions: ['token.*'] }, 'desc', cursor),
    ];
    for (const page of foreign) await expect(page).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('is refused when made up or made with another key', async () => {
    const forged = createCursorCodec(Buffer.alloc(32, 8)).encode('', 2);
    for (const text of ['', 'x', forged, `${cursor}A`, cursor.slice(1), 'é'.repeat(5_000)]) {
      const page = use(live(workspaceId), { actions: ['token.*'] }, 'desc', text);
      await expect(page).rejects.toMatchObject({ code: 'invalid_request' });
    }
  });

  test('of an empty log follows it from the start', async () => {
    const empty = log.newWorkspaceId();
    const { events, nextCursor: start } = await log.query(db, live(empty), {}, { order: 'asc' });
    expect(events).toEqual([]);
    await log.appendAll(db, log.newEvent(empty));
    const next = await use(live(empty), {}, 'asc', start ?? '');
    expect(next.events.map(({ leaf_index }) => leaf_index)).toEqual([0]);
  });
});

test('the head of a log that has no events is not there', async () => {
  const workspaceId = log.newWorkspaceId();
  await log.query(db, live(workspaceId));
  expect(await db.$client`select id from audit_logs where id = ${logIdOf(workspaceId)}`).toEqual([]);
});

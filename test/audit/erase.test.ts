import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Subject } from '../../src/audit/erasures/subject.ts';
import { logIdOf } from '../../src/audit/events/append.ts';
import type { NewEvent, RequestOrigin } from '../../src/audit/events/event.ts';
import { getEvent } from '../../src/audit/queries/read.ts';
import { drain } from '../../src/audit/sequencer/drain.ts';
import { eraseSubject, measureSubject } from '../../src/introspection/erasure.ts';
import type { EventId, WorkspaceId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import {
  appendAll,
  deps,
  gate,
  newEvent,
  newKeyId,
  newTokenId,
  newWorkspaceId,
  openTestClient,
  openTestPool,
  query,
  range,
  storedLeaves,
  until,
} from './log.ts';

const database = await createTestDatabase();
const db = openTestPool(database.app, 8);
const owner = openTestClient(database.owner);

const ADDRESS = '192.0.2.7';
const source: Subject = { type: 'source', id: ADDRESS };
const command: RequestOrigin = { id: 'req-erase', method: 'CLI', route: 'audit erase', ip: null, userAgent: null };
const actor = { type: 'system', id: null, name: null } as const;

const from = (workspaceId: WorkspaceId | null, ip: string, parts: Partial<NewEvent> = {}): NewEvent =>
  newEvent(workspaceId, {
    request: { id: 'req-1', method: 'POST', route: '/v1/tokens', ip, userAgent: 'curl/8.5.0' },
    ...parts,
  });

const erase = (
  workspaceId: WorkspaceId | null,
  subject: Subject,
  parts: { note?: string; request?: RequestOrigin } = {},
) => eraseSubject({ db, ...deps }, { workspaceId, subject, actor, request: command, ...parts });

const viewer = (workspaceId: WorkspaceId | null) => ({ workspaceId, environment: 'live' }) as const;

async function eventsOf(workspaceId: WorkspaceId | null) {
  return (await query(db, viewer(workspaceId), {}, { order: 'asc' })).events;
}

/** Everything that the log of a workspace holds, as text. */
async function dumpOf(workspaceId: WorkspaceId): Promise<string> {
  const log = logIdOf(workspaceId);
  const rows = await db.$client<{ text: string }[]>`
    select convert_from(leaf, 'UTF8') as text from audit_events where log_id = ${log}
    union all select subject_id || ' ' || convert_from(payload, 'UTF8') from audit_private where log_id = ${log}
    union all select t::text from audit_leaves t where log_id = ${log}
    union all select t::text from audit_targets t where log_id = ${log}
    union all select t::text from audit_sources t where log_id = ${log}
    union all select t::text from audit_erasures t where log_id = ${log}
    union all select t::text from audit_words t where log_id = ${log}`;
  return rows.map(({ text }) => text).join('\n');
}

describe('erasing an address', () => {
  test('redacts every event that came from it, and leaves those from elsewhere as they were', async () => {
    const workspace = newWorkspaceId();
    const [erased, kept] = await appendAll(db, from(workspace, ADDRESS), from(workspace, '192.0.2.8'));
    await drain(db, logIdOf(workspace), { wait: true });
    // One waits for its place still.
    await appendAll(db, from(workspace, ADDRESS));
    expect(await measureSubject({ db }, workspace, source)).toMatchObject({
      events: 2,
      payloads: 2,
      usageRows: 0,
      requestRows: 0,
    });

    const { eventIds, ...extent } = await erase(workspace, source);
    expect(extent).toEqual({ events: 2, payloads: 2, usageRows: 0, requestRows: 0 });
    const events = await eventsOf(workspace);
    expect(events.map(({ redacted, source: shown }) => [redacted, shown])).toEqual([
      [true, { ip: null, user_agent: null }],
      [false, { ip: '192.0.2.8', user_agent: 'curl/8.5.0' }],
      [true, { ip: null, user_agent: null }],
      [false, null],
    ]);
    expect(events.map(({ id }) => id)).toEqual([erased, kept, expect.anything(), ...eventIds]);
    // Who did it and what it was done to belong to others.
    expect(events[0]).toMatchObject({ actor: { name: 'CI' }, targets: [{ name: 'deploy' }] });
  });

  test('leaves nothing of it in any table of the log, and filters find nothing by it', async () => {
    const workspace = newWorkspaceId();
    await appendAll(db, from(workspace, ADDRESS), from(workspace, ADDRESS, { environment: 'test' }));
    await drain(db, logIdOf(workspace), { wait: true });
    expect((await query(db, viewer(workspace), { ip: ADDRESS })).events).toHaveLength(1);
    expect(await dumpOf(workspace)).toContain(ADDRESS);
    await erase(workspace, source, { note: 'asked for by mail', request: { ...command, ip: ADDRESS, userAgent: 'x' } });
    expect((await query(db, viewer(workspace), { ip: ADDRESS })).events).toEqual([]);
    expect(await dumpOf(workspace)).not.toContain(ADDRESS);
  });

  test('changes no leaf and no place', async () => {
    const workspace = newWorkspaceId();
    const [id] = await appendAll(db, from(workspace, ADDRESS), from(workspace, ADDRESS));
    await drain(db, logIdOf(workspace), { wait: true });
    const read = () => db.$client`
      select leaf_index, hash, leaf from audit_leaves join audit_events on audit_events.id = event_id
      where audit_leaves.log_id = ${logIdOf(workspace)} order by leaf_index`;
    const before = await read();
    await erase(workspace, source);
    await drain(db, logIdOf(workspace), { wait: true });
    const after = await read();
    expect(after.slice(0, 2)).toEqual(before.slice());
    expect(await getEvent(db, viewer(workspace), id as EventId)).toMatchObject({ redacted: true, leaf_index: 0 });
  });

  test('tells of itself: how much, why, and only that it was an address', async () => {
    const workspace = newWorkspaceId();
    await appendAll(db, from(workspace, ADDRESS));
    const { eventIds } = await erase(workspace, source, { note: 'request of 1 March' });
    const [, event] = await eventsOf(workspace);
    expect(event).toMatchObject({
      id: eventIds[0],
      action: 'personal_data.erased',
      operation: 'remove',
      outcome: 'success',
      note: 'request of 1 March',
      targets: [{ type: 'source', id: 'erased', name: null }],
      changes: [
        { field: 'redacted_events', old: null, new: 1 },
        { field: 'erased_payloads', old: null, new: 1 },
        { field: 'forgotten_usage_rows', old: null, new: 0 },
        { field: 'forgotten_request_rows', old: null, new: 0 },
      ],
      redacted: false,
    });
  });

  test('takes it out of the addresses of single introspections, and leaves the others', async () => {
    const workspace = newWorkspaceId();
    const introspections = { records: '{}', root: '00'.repeat(32), addresses: ['192.0.2.8', ADDRESS] };
    await appendAll(db, newEvent(workspace, { action: 'token.introspected', introspections }));
    expect(await erase(workspace, source)).toMatchObject({ events: 1, payloads: 1 });
    const [event] = await eventsOf(workspace);
    expect(event).toMatchObject({ redacted: true, introspections: { addresses: ['192.0.2.8', null] } });
  });

  test('is not done with a note that repeats it', async () => {
    const workspace = newWorkspaceId();
    const erasing = erase(workspace, source, { note: `for ${ADDRESS}` });
    await expect(erasing).rejects.toMatchObject({ code: 'validation_failed' });
    expect(await eventsOf(workspace)).toEqual([]);
  });

  test('erases it from no other log', async () => {
    const [one, other] = [newWorkspaceId(), newWorkspaceId()];
    await appendAll(db, from(one, ADDRESS), from(other, ADDRESS), from(null, ADDRESS));
    await erase(one, source);
    expect((await eventsOf(other)).map(({ redacted }) => redacted)).toEqual([false]);
    expect((await eventsOf(null)).map(({ redacted }) => redacted)).toEqual([false]);
    await erase(null, source);
    expect((await eventsOf(null)).map(({ redacted }) => redacted)).toEqual([true, false]);
  });

  test('a second time leaves an event that says there was nothing', async () => {
    const workspace = newWorkspaceId();
    await appendAll(db, from(workspace, ADDRESS));
    await erase(workspace, source);
    expect(await erase(workspace, source)).toMatchObject({ events: 0, payloads: 0, eventIds: [expect.anything()] });
    expect((await eventsOf(workspace)).map(({ action }) => action)).toEqual([
      'token.created',
      'personal_data.erased',
      'personal_data.erased',
    ]);
  });
});

describe('erasing what has an id', () => {
  test('takes its name, notes and changes, wherever in an event it stands, and no more', async () => {
    const workspace = newWorkspaceId();
    const token = newTokenId();
    await appendAll(
      db,
      from(workspace, ADDRESS, {
        targets: [{ type: 'token', id: token, name: 'of Jane' }],
        note: 'left the company',
        changes: [{ field: 'description', old: 'Jane', new: 'John', isPersonal: true }],
      }),
      from(workspace, ADDRESS, { actor: { type: 'token', id: token, name: 'of Jane' }, targets: [] }),
    );
    expect(await erase(workspace, { type: 'token', id: token })).toMatchObject({ events: 2, payloads: 2 });
    const [target, acting, event] = await eventsOf(workspace);
    expect(target).toMatchObject({
      redacted: true,
      note: null,
      actor: { name: 'CI' },
      targets: [{ type: 'token', id: token, name: null }],
      changes: [{ field: 'description', old: null, new: null }],
      source: { ip: ADDRESS },
    });
    expect(acting).toMatchObject({ redacted: true, actor: { id: token, name: null }, source: { ip: ADDRESS } });
    expect(event).toMatchObject({ targets: [{ type: 'token', id: token, name: null }] });
  });

  test.each<Subject>([
    { type: 'api_key', id: newKeyId() },
    { type: 'scope', id: 'jane:read' },
    { type: 'workspace', id: newWorkspaceId() },
  ])('works for a subject of type $type', async (subject) => {
    const workspace = newWorkspaceId();
    const target = { ...subject, name: 'of Jane' } as NewEvent['targets'][number];
    await appendAll(db, newEvent(workspace, { targets: [target] }));
    expect(await erase(workspace, subject)).toMatchObject({ events: 1, payloads: 1 });
    expect(await dumpOf(workspace)).not.toContain('of Jane');
  });

  test('does not name the one who erases its own data', async () => {
    const workspace = newWorkspaceId();
    const id = newKeyId();
    const order = { workspaceId: workspace, subject: { type: 'api_key', id }, request: command } as const;
    await eraseSubject({ db, ...deps }, { ...order, actor: { type: 'api_key', id, name: 'of Jane' } });
    expect(await dumpOf(workspace)).not.toContain('of Jane');
  });
});

describe('erasures that meet others', () => {
  test('two of the same subject at once erase each payload once, and both leave their event', async () => {
    const workspace = newWorkspaceId();
    await appendAll(db, ...range(200).map(() => from(workspace, ADDRESS)));
    const extents = await Promise.all(range(4).map(() => erase(workspace, source)));
    expect(extents.map(({ payloads }) => payloads).sort((a, b) => a - b)).toEqual([0, 0, 0, 200]);
    const told = (await query(db, viewer(workspace), { actions: ['personal_data.erased'] })).events;
    expect(told.map(({ changes }) => changes[1]?.new).sort()).toEqual([0, 0, 0, 200]);
  });

  test('while events of the subject come and are placed, none is half erased, and no address stays behind', async () => {
    const workspace = newWorkspaceId();
    const written = gate();
    let isWriting = true;
    const writing = (async () => {
      for (let n = 0; n < 150; n += 1) await appendAll(db, from(workspace, ADDRESS), from(workspace, ADDRESS));
      isWriting = false;
      written.open();
    })();
    const sequencing = (async () => {
      while (isWriting) await drain(db, logIdOf(workspace), { wait: false });
    })();
    const reading = (async () => {
      while (isWriting) {
        for (const event of (await query(db, viewer(workspace), { actions: ['token.created'] })).events) {
          expect(event.source?.ip === ADDRESS).toBe(!event.redacted);
        }
      }
    })();
    let erased = 0;
    while (isWriting) erased += (await erase(workspace, source)).payloads;
    await Promise.all([writing, sequencing, reading, written.opened]);
    erased += (await erase(workspace, source)).payloads;
    expect(erased).toBe(300);
    expect((await query(db, viewer(workspace), { ip: ADDRESS })).events).toEqual([]);
    const [row] =
      await db.$client`select count(*)::int as count from audit_sources where log_id = ${logIdOf(workspace)}`;
    expect(row?.count).toBe(0);
    const placed = (await storedLeaves(db, workspace)).map(({ leafIndex }) => leafIndex);
    expect(placed).toEqual(range(placed.length));
  });
});

describe('a great many payloads', () => {
  test('go in batches that are each complete with their event, also when the work is cut short', async () => {
    const workspace = newWorkspaceId();
    await addPayloads(workspace, 12_000);
    const stop = new Error('cut short');
    const heard: number[] = [];
    const cut = eraseSubject(
      { db, ...deps },
      { workspaceId: workspace, subject: source, actor, request: command },
      ({ payloads }) => {
        heard.push(payloads);
        throw stop;
      },
    );
    await expect(cut).rejects.toBe(stop);
    expect(heard).toEqual([5_000]);
    expect(await measureSubject({ db }, workspace, source)).toMatchObject({ payloads: 7_000 });
    expect(await placesOf(workspace)).toBe(7_000);

    expect(await erase(workspace, source)).toMatchObject({ events: 7_000, payloads: 7_000 });
    const told = (await query(db, viewer(workspace), { actions: ['personal_data.erased'] }, { order: 'asc' })).events;
    expect(told.map(({ changes }) => changes[0]?.new)).toEqual([5_000, 5_000, 2_000]);
    expect(await measureSubject({ db }, workspace, source)).toMatchObject({ payloads: 0 });
    expect(await placesOf(workspace)).toBe(0);
  });
});

describe('an erasure that is killed', () => {
  test('while a batch is at work has erased nothing of it', async () => {
    const workspace = newWorkspaceId();
    await appendAll(db, from(workspace, ADDRESS));
    await db.$client.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended(${`tooken/audit-log/${logIdOf(workspace)}`}, 0))`;
      const eraser = startEraser(workspace);
      await until(async () => {
        const [row] = await tx`select count(*)::int as count from pg_locks
          where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`;
        return row?.count > 0;
      });
      await kill(eraser);
    });
    expect(await measureSubject({ db }, workspace, source)).toMatchObject({ payloads: 1 });
    expect((await eventsOf(workspace)).map(({ action }) => action)).toEqual(['token.created']);
  });

  test('at any moment has told of exactly what is gone', async () => {
    const workspace = newWorkspaceId();
    await addPayloads(workspace, 30_000);
    const eraser = startEraser(workspace);
    await once(eraser.stdout, 'data');
    await kill(eraser);
    await until(async () => {
      const rows =
        await db.$client`select from pg_stat_activity where application_name = 'erase' and datname = current_database()`;
      return rows.length === 0;
    });
    const { payloads } = await measureSubject({ db }, workspace, source);
    const told = (await query(db, viewer(workspace), { actions: ['personal_data.erased'] })).events;
    const erased = told.reduce((sum, { changes }) => sum + Number(changes[1]?.new), 0);
    expect(erased).toBeGreaterThan(0);
    expect(erased + payloads).toBe(30_000);
  });

  function startEraser(workspace: WorkspaceId) {
    const script = fileURLToPath(new URL('erase-process.ts', import.meta.url));
    const args = ['--import', 'tsx', script, JSON.stringify(database.app), workspace, ADDRESS];
    return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  async function kill(eraser: ChildProcess): Promise<void> {
    const exited = once(eraser, 'exit');
    eraser.kill('SIGKILL');
    await exited;
  }
});

/** As many payloads of the address with their places in the log, far behind what is there; their events are left out. */
async function addPayloads(workspace: WorkspaceId, count: number): Promise<void> {
  const logId = logIdOf(workspace);
  await owner.begin(async (sql) => {
    // Leaves are refused that come after a gap.
    await sql`set local session_replication_role = replica`;
    await sql`
    with made as (select gen_random_uuid() as id, 1000000 + n as place from generate_series(1, ${count}::int) n), payloads as (
      insert into audit_private (event_id, slot, log_id, subject_type, subject_id, salt, payload)
      select id, 'source', ${logId}, 'source', ${ADDRESS}, '', '' from made
    ), sources as (
      insert into audit_sources (log_id, environment, ip, leaf_index) select ${logId}, 'live', ${ADDRESS}, place from made
    )
    insert into audit_leaves (log_id, leaf_index, event_id, hash, environment, action, outcome, actor_id, occurred_at, logged_at)
    select ${logId}, place, id, '', 'live', 'token.created', 'success', 'system', now(), now() from made`;
  });
}

async function placesOf(workspace: WorkspaceId): Promise<number> {
  const [row] = await db.$client`
    select count(*)::int as count from audit_sources where log_id = ${logIdOf(workspace)}`;
  return row?.count;
}

import { describe, expect, it } from 'vitest';
import type { Subject } from '../../src/audit/erasures/subject.ts';
import { eraseSubject, measureSubject } from '../../src/introspection/erasure.ts';
import { idToUuid, type WorkspaceId } from '../../src/lib/ids.ts';
import { deps, newKeyId } from '../audit/log.ts';
import { createTestDatabase } from '../support/database.ts';
import { createWorld as createWorkspaces } from '../usage/world.ts';
import { ANSWERED, createWorld, newCaller } from './world.ts';

const database = await createTestDatabase();
const { addWorkspace } = await createWorkspaces(database);
const world = createWorld(database);
const { db, sql } = world;
const ADDRESS = '192.0.2.7';
const source = (id: string): Subject => ({ type: 'source', id });

const erase = (subject: Subject, workspaceId: WorkspaceId) =>
  eraseSubject(
    { db, ...deps },
    {
      workspaceId,
      subject,
      actor: { type: 'system', id: null, name: null },
      request: { id: 'req-erase', method: 'CLI', route: 'audit erase', ip: null, userAgent: null },
    },
  );

/** Calls of one API key, each from one of `ips`. */
async function call(workspaceId: WorkspaceId, ips: readonly string[], environment: 'live' | 'test' = 'live') {
  const caller = newCaller({}, { workspaceId, environment });
  const log = world.newLog();
  for (const ip of ips) log.note({ ...caller, request: { ...caller.request, ip } }, ANSWERED);
  await log.stop();
  return caller;
}

const placesOf = async (caller: ReturnType<typeof newCaller>) =>
  (await world.written(caller)).map(({ ip, user_agent }) => [ip, user_agent]);

describe('erasing an address', () => {
  it('takes it and what called from there out of all calls of the workspace, which stay', async () => {
    const [home, elsewhere] = [await addWorkspace(), await addWorkspace()];
    const live = await call(home, [ADDRESS, '192.0.2.8', ADDRESS]);
    const test = await call(home, [ADDRESS], 'test');
    const foreign = await call(elsewhere, [ADDRESS]);
    expect(await measureSubject({ db }, home, source(ADDRESS))).toMatchObject({ requestRows: 3 });
    const { requestRows, eventIds } = await erase(source(ADDRESS), home);
    expect([requestRows, eventIds.length]).toEqual([3, 1]);
    expect((await placesOf(live)).sort()).toEqual([
      [null, null],
      [null, null],
      ['192.0.2.8', 'test'],
    ]);
    expect(await placesOf(test)).toEqual([[null, null]]);
    expect(await placesOf(foreign)).toEqual([[ADDRESS, 'test']]);
    expect(await measureSubject({ db }, home, source(ADDRESS))).toMatchObject({ requestRows: 0 });
    expect(await erase(source(ADDRESS), home)).toMatchObject({ requestRows: 0 });
  });

  it('of IPv6 leaves its neighbours', async () => {
    const workspace = await addWorkspace();
    const caller = await call(workspace, ['2001:db8::7', '2001:db8::8']);
    expect(await erase(source('2001:db8::7'), workspace)).toMatchObject({ requestRows: 1 });
    expect((await placesOf(caller)).map(([ip]) => ip).sort()).toEqual(['2001:db8::8', null]);
  });

  it('that called very often goes in batches, each with an event that says how many', async () => {
    const workspace = await addWorkspace();
    await world.addCalls(workspace, 11_000, { ip: "'192.0.2.200'" });
    const { requestRows, eventIds } = await erase(source('192.0.2.200'), workspace);
    expect([requestRows, eventIds.length]).toEqual([11_000, 3]);
    const events = await sql<{ leaf: string }[]>`
      select convert_from(leaf, 'UTF8') as leaf from audit_events
      where id = any(${eventIds.map(idToUuid)}::uuid[]) order by id`;
    const counts = events.map(({ leaf }) => /"forgotten_request_rows","new":(\d+)/.exec(leaf)?.[1]);
    expect(counts).toEqual(['5000', '5000', '1000']);
    for (const { leaf } of events) expect(leaf).not.toContain('192.0.2.200');
  });

  it('while it calls on and on meets no deadlock', async () => {
    const workspace = await addWorkspace();
    let isCalling = true;
    const calling = (async () => {
      for (let n = 0; n < 40; n += 1) await call(workspace, [ADDRESS, '192.0.2.8']);
    })().finally(() => {
      isCalling = false;
    });
    while (isCalling) await Promise.all([erase(source(ADDRESS), workspace), erase(source('192.0.2.8'), workspace)]);
    await calling;
    await erase(source(ADDRESS), workspace);
    expect(await measureSubject({ db }, workspace, source(ADDRESS))).toMatchObject({ requestRows: 0 });
  });
});

describe('erasing an API key', () => {
  it('forgets where it called from, and of no other', async () => {
    const workspace = await addWorkspace();
    const [caller, other] = [await call(workspace, [ADDRESS, '192.0.2.8']), await call(workspace, [ADDRESS])];
    expect(await erase({ type: 'api_key', id: caller.principal.id }, workspace)).toMatchObject({ requestRows: 2 });
    expect(await placesOf(caller)).toEqual([
      [null, null],
      [null, null],
    ]);
    expect(await placesOf(other)).toEqual([[ADDRESS, 'test']]);
    expect(await erase({ type: 'api_key', id: caller.principal.id }, workspace)).toMatchObject({ requestRows: 0 });
  });

  it('of another workspace changes nothing', async () => {
    const caller = await call(await addWorkspace(), [ADDRESS]);
    const elsewhere = await addWorkspace();
    expect(await erase({ type: 'api_key', id: caller.principal.id }, elsewhere)).toMatchObject({ requestRows: 0 });
    expect(await erase({ type: 'token', id: newKeyId().replace('key_', 'tkn_') }, elsewhere)).toMatchObject({
      requestRows: 0,
    });
    expect(await placesOf(caller)).toEqual([[ADDRESS, 'test']]);
  });
});

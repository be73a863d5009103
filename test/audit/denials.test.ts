import { afterEach, describe, expect, test } from 'vitest';
import { createDenialRecorder, type DenialRecorderOptions } from '../../src/audit/denials/recorder.ts';
import type { AuditEvent, NewEvent } from '../../src/audit/events/event.ts';
import type { Database } from '../../src/db/connection.ts';
import type { WorkspaceId } from '../../src/lib/ids.ts';
import type { Logger } from '../../src/telemetry/logger.ts';
import { createTestDatabase } from '../support/database.ts';
import * as log from './log.ts';

const database = await createTestDatabase();
const db = log.openTestPool(database.app, 8);

const lines: [string, unknown][] = [];
const logger: Logger = { log: (_, event, fields) => lines.push([event, fields?.count]), isEnabled: () => true };
afterEach(() => lines.splice(0));

/** A recorder whose window ends when the test says so, and whose database can go away. */
function newRecorder(options: Partial<DenialRecorderOptions> = {}) {
  const state = { isAway: false };
  const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const transaction: Database['transaction'] = (...args) =>
    state.isAway ? Promise.reject(away) : db.transaction(...args);
  const faulty: Database = Object.assign(Object.create(db), { transaction });
  const recorder = createDenialRecorder({ db: faulty, ...log.deps, logger, windowMs: 3_600_000, ...options });
  return { ...recorder, state };
}

function denial(workspaceId: WorkspaceId | null, parts: Partial<NewEvent> = {}, ip = '192.0.2.1'): NewEvent {
  return log.newEvent(workspaceId, {
    action: 'authentication.failed',
    outcome: 'failure',
    reason: 'unknown',
    actor: { type: 'anonymous', id: null, name: null },
    targets: [],
    request: { id: 'r', method: 'GET', route: '/v1/tokens', ip, userAgent: 'curl/8.5.0' },
    ...parts,
  });
}

const eventsOf = async (workspaceId: WorkspaceId | null): Promise<readonly AuditEvent[]> =>
  (await log.query(db, { workspaceId, environment: 'live' }, {}, { order: 'asc' })).events;
const countsOf = async (workspaceId: WorkspaceId | null) => (await eventsOf(workspaceId)).map(({ count }) => count);

describe('the first of a kind', () => {
  test('is in the log when record has returned', async () => {
    const workspaceId = log.newWorkspaceId();
    await newRecorder().record(denial(workspaceId));
    expect(await eventsOf(workspaceId)).toMatchObject([{ action: 'authentication.failed', count: 1, first_at: null }]);
  });

  test('is written once however many come at once; the others are counted', async () => {
    const workspaceId = log.newWorkspaceId();
    const recorder = newRecorder();
    await Promise.all(log.range(50).map(() => recorder.record(denial(workspaceId))));
    expect(await countsOf(workspaceId)).toEqual([1]);
    await recorder.flush();
    expect(await countsOf(workspaceId)).toEqual([1, 49]);
  });

  test.each<[string, Partial<NewEvent>, string?]>([
    ['actor', { actor: { type: 'api_key', id: log.newKeyId(), name: null } }],
    ['address', {}, '192.0.2.2'],
    ['reason', { reason: 'expired' }],
    ['action', { action: 'request.denied' }],
    ['environment', { environment: null }],
    ['route', { request: { id: 'r', method: 'GET', route: '/v1/scopes', ip: '192.0.2.1', userAgent: null } }],
  ])('another %s is another kind', async (_, parts, ip) => {
    const workspaceId = log.newWorkspaceId();
    const recorder = newRecorder();
    await recorder.record(denial(workspaceId));
    await recorder.record(denial(workspaceId, parts, ip));
    expect(await countsOf(workspaceId)).toEqual([1, 1]);
  });

  test('another address of the same IPv6 subscriber is not', async () => {
    const workspaceId = log.newWorkspaceId();
    const recorder = newRecorder();
    await recorder.record(denial(workspaceId, {}, '2001:db8::1'));
    await recorder.record(denial(workspaceId, {}, '2001:db8::ffff:1'));
    expect(await countsOf(workspaceId)).toEqual([1]);
    await recorder.stop();
    expect(await countsOf(workspaceId)).toEqual([1, 1]);
  });

  test('comes again in the next window', async () => {
    const workspaceId = log.newWorkspaceId();
    const recorder = newRecorder();
    await recorder.record(denial(workspaceId));
    await recorder.flush();
    await recorder.record(denial(workspaceId));
    expect(await countsOf(workspaceId)).toEqual([1, 1]);
  });
});

describe('repeats', () => {
  test('are one event with count, first and last time when the window ends, without anybody asking', async () => {
    const workspaceId = log.newWorkspaceId();
    let now = log.deps.clock.now().getTime();
    const clock = {
      ...log.deps.clock,
      now() {
        now += 1_000;
        return new Date(now);
      },
    };
    const recorder = newRecorder({ windowMs: 20, clock });
    await Promise.all(log.range(3).map(() => recorder.record(denial(workspaceId))));
    await log.until(async () => (await eventsOf(workspaceId)).length === 2);
    const aggregate = (await eventsOf(workspaceId)).find(({ first_at }) => first_at !== null);
    expect(aggregate).toMatchObject({ count: 2, reason: 'unknown', source: { ip: '192.0.2.1' } });
    expect(Date.parse(aggregate?.last_at ?? '') - Date.parse(aggregate?.first_at ?? '')).toBe(1_000);
    await recorder.stop();
  });

  test('are written at stop', async () => {
    const workspaceId = log.newWorkspaceId();
    const recorder = newRecorder();
    for (const _ of log.range(5)) await recorder.record(denial(workspaceId));
    await recorder.stop();
    expect(await countsOf(workspaceId)).toEqual([1, 4]);
    expect(lines).toEqual([]);
  });
});

describe('a flood', () => {
  test('fills its log with no more than the table holds, and the rest is counted as other, per action', async () => {
    const workspaceId = log.newWorkspaceId();
    const recorder = newRecorder({ capacity: 20 });
    for (const n of log.range(100)) {
      await recorder.record(denial(workspaceId, {}, `10.0.0.${n}`));
      await recorder.record(denial(workspaceId, { action: 'request.denied', reason: `r${n}` }, `10.0.0.${n}`));
    }
    expect(await countsOf(workspaceId)).toEqual(log.range(10).map(() => 1));
    await recorder.stop();
    const others = (await eventsOf(workspaceId)).slice(10);
    expect(others.map(({ action, reason, count }) => [action, reason, count]).toSorted()).toEqual([
      ['authentication.failed', 'other', 95],
      ['request.denied', 'other', 95],
    ]);
  });

  test('of one log leaves room for the others', async () => {
    const [noisy, quiet] = [log.newWorkspaceId(), log.newWorkspaceId()];
    const recorder = newRecorder({ capacity: 20 });
    for (const n of log.range(100)) await recorder.record(denial(noisy, {}, `10.0.0.${n}`));
    await recorder.record(denial(quiet));
    expect(await countsOf(quiet)).toEqual([1]);
    await recorder.stop();
  });

  test('with parts of any size is still counted', async () => {
    const workspaceId = log.newWorkspaceId();
    const recorder = newRecorder();
    const request = { id: 'r', method: 'GET', route: '/', ip: '192.0.2.1', userAgent: '\uD800\0'.repeat(10_000) };
    for (const n of log.range(3))
      await recorder.record(denial(workspaceId, { request, reason: `${'x'.repeat(200)}${n}` }));
    await recorder.stop();
    expect(await countsOf(workspaceId)).toEqual([1, 2]);
  });
});

describe('while the database is away', () => {
  test('record does not throw, and every denial is counted when it is back', async () => {
    const workspaceId = log.newWorkspaceId();
    const recorder = newRecorder();
    recorder.state.isAway = true;
    for (const n of log.range(10)) await recorder.record(denial(workspaceId, {}, `10.0.0.${n % 2}`));
    await recorder.flush();
    for (const n of log.range(10)) await recorder.record(denial(workspaceId, {}, `10.0.0.${n % 2}`));
    recorder.state.isAway = false;
    await recorder.flush();
    expect(await countsOf(workspaceId)).toEqual([10, 10]);
    expect(lines).toEqual([['audit.denials_kept', 1]]);
  });

  test('what cannot be written even at the end is told to the log of the service', async () => {
    const recorder = newRecorder();
    recorder.state.isAway = true;
    for (const _ of log.range(7)) await recorder.record(denial(log.newWorkspaceId()));
    await recorder.stop();
    expect(lines).toEqual([
      ['audit.denials_kept', 1],
      ['audit.denials_lost', 7],
    ]);
  });

  test('one that can never be written does not hold up the others', async () => {
    const workspaceId = log.newWorkspaceId();
    const recorder = newRecorder();
    const impossible = denial(workspaceId, { actor: { type: 'api_key', id: '\0', name: null } });
    for (const event of [denial(workspaceId), impossible, denial(workspaceId)]) await recorder.record(event);
    await recorder.flush();
    await recorder.flush();
    expect(await countsOf(workspaceId)).toEqual([1, 1]);
    expect(lines).toEqual([
      ['audit.denials_kept', 1],
      ['audit.denials_lost', 1],
    ]);
  });
});

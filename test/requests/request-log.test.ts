import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Database, openPool } from '../../src/db/connection.ts';
import type { Caller, Principal } from '../../src/identity/principal.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { newId } from '../../src/lib/ids.ts';
import type { RequestLog } from '../../src/requests/request-log.ts';
import type { Logger } from '../../src/telemetry/logger.ts';
import { deps, range } from '../audit/log.ts';
import { createTestDatabase } from '../support/database.ts';
import { startDatabaseProxy } from '../support/proxy.ts';
import { ANSWERED, createWorld, newCaller } from './world.ts';

const database = await createTestDatabase();
const world = createWorld(database);
const { db } = world;

const lines: [string, unknown][] = [];
const logger: Logger = { log: (_, event, fields) => lines.push([event, fields?.count]), isEnabled: () => true };
beforeEach(() => void lines.splice(0));

const createLog = ({ on = db, isKept = true }: { on?: Database; isKept?: boolean } = {}): RequestLog =>
  world.newLog({ db: on, logger, isKept });
const countOf = async (caller: ReturnType<typeof newCaller>) => (await world.written(caller)).length;

describe('the request log', () => {
  it('is written within seconds, without anybody asking or waiting for it', async () => {
    const [log, caller] = [createLog(), newCaller()];
    log.note(caller, ANSWERED);
    expect(log.read()).toEqual({ backlog: 1, lost: 0 });
    await vi.waitFor(async () => expect(await countOf(caller)).toBe(1), { timeout: 10_000 });
    log.note(caller, ANSWERED);
    await vi.waitFor(async () => expect(await countOf(caller)).toBe(2), { timeout: 10_000 });
    await vi.waitFor(() => expect(log.read()).toEqual({ backlog: 0, lost: 0 }), { timeout: 10_000 });
    await log.stop();
  });

  it('has what was noted before a flush, also while others write', async () => {
    const [log, caller] = [createLog(), newCaller()];
    for (const round of range(5)) {
      const flushes = range(20).map((n) => {
        for (const _ of range(30)) log.note(caller, ANSWERED);
        return log
          .flush()
          .then(async () => expect(await countOf(caller)).toBeGreaterThanOrEqual(600 * round + 30 * (n + 1)));
      });
      await Promise.all(flushes);
    }
    expect(await countOf(caller)).toBe(3_000);
    expect(log.read()).toEqual({ backlog: 0, lost: 0 });
    await log.stop();
  });

  it('is written to the end when the process stops', async () => {
    const [log, caller] = [createLog(), newCaller()];
    for (const _ of range(1_234)) log.note(caller, ANSWERED);
    await log.stop();
    expect(await countOf(caller)).toBe(1_234);
    expect(lines).toEqual([]);
  });

  it('is not there if it is switched off', async () => {
    const [log, caller] = [createLog({ isKept: false }), newCaller()];
    log.note(caller, ANSWERED);
    expect(log.read()).toEqual({ backlog: 0, lost: 0 });
    await log.stop();
    expect(await countOf(caller)).toBe(0);
  });

  it('has calls of API keys and tokens, and of nobody else', async () => {
    const log = createLog();
    const { principal, request } = newCaller();
    const { workspaceId } = principal;
    const member: Principal = {
      kind: 'member',
      id: newId('usr', deps),
      name: 'Ada',
      workspaceId,
      environment: 'live',
      access: 'owner',
      scopes: [],
      sessionId: newId('ses', deps),
      authenticatedAt: systemClock.now(),
    };
    log.note({ principal: member, request }, ANSWERED);
    log.note({ principal: { kind: 'system', workspaceId, environment: 'live' }, request }, ANSWERED);
    expect(log.read().backlog).toBe(0);
    await log.stop();
  });

  it.each<[string, Partial<Caller['request']>]>([
    ['quotes, commas and braces', { userAgent: `"},{"a":[1]}',\\'--` }],
    ['escapes of JSON and NUL', { userAgent: '\\u0000 \0 \n \u2028' }],
    ['half a character', { userAgent: 'a\ud800b' }],
    ['characters beyond ASCII', { userAgent: 'é漢🦆' }],
    ['nothing', { userAgent: null, ip: null }],
  ])('keeps %s as they are, but for what no text can hold', async (_, request) => {
    const [log, caller] = [createLog(), newCaller(request)];
    log.note(caller, ANSWERED);
    await log.stop();
    const { userAgent = null, ip = '192.0.2.1' } = request;
    expect(await world.written(caller)).toMatchObject([
      { user_agent: userAgent?.replaceAll(/\0|\ud800(?![\udc00-\udfff])/g, '\ufffd') ?? null, ip, duration_ms: 2 },
    ]);
    expect(lines).toEqual([]);
  });
});

describe('a row that the database refuses', () => {
  it('takes no other with it, and is told of as a number', async () => {
    const [log, caller] = [createLog(), newCaller()];
    for (const n of range(700))
      log.note(caller, { ...ANSWERED, status: [3, 333].includes(n) ? 1e9 : 200, durationMs: 1 });
    await log.flush();
    expect(await countOf(caller)).toBe(698);
    expect(log.read()).toEqual({ backlog: 0, lost: 2 });
    expect(
      lines.reduce((sum, [event, count]) => sum + (event === 'request_log.calls_lost' ? Number(count) : 0), 0),
    ).toBe(2);
    await log.stop();
  });
});

describe('while the database is away', async () => {
  const proxy = await startDatabaseProxy(database.app);
  const pool = openPool(proxy.through(database.app), { maxConnections: 2, applicationName: 'tooken-test' });
  afterAll(async () => {
    proxy.recover();
    await pool.close();
    await proxy[Symbol.asyncDispose]();
  });

  it('calls are kept, and written once each when it is back', async () => {
    const [log, caller] = [createLog({ on: pool.db }), newCaller()];
    log.note(caller, ANSWERED);
    await log.flush();
    proxy.hangUp();
    for (const _ of range(1_100)) log.note(caller, ANSWERED);
    await log.flush();
    await log.flush();
    expect(log.read()).toEqual({ backlog: 1_100, lost: 0 });
    expect(lines).toEqual([['request_log.calls_kept', undefined]]);
    proxy.recover();
    await vi.waitFor(() => expect(log.read().backlog).toBe(0), { timeout: 15_000 });
    expect(await countOf(caller)).toBe(1_101);
    await log.stop();
  });

  it('a batch whose answer was lost is written once', async () => {
    let attempts = 0;
    const transaction: Database['transaction'] = async (...args) => {
      const result = await db.transaction(...args);
      attempts += 1;
      if (attempts > 3) return result;
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    };
    const [log, caller] = [createLog({ on: Object.assign(Object.create(db), { transaction }) }), newCaller()];
    let noted = 0;
    // A slow test is overtaken by attempts that the log makes of its own accord.
    while (attempts <= 3) {
      // What came meanwhile is in the next attempt as well.
      for (const _ of range(10)) log.note(caller, ANSWERED);
      noted += 10;
      await log.flush();
    }
    await log.flush();
    expect(log.read()).toEqual({ backlog: 0, lost: 0 });
    expect(await countOf(caller)).toBe(noted);
    await log.stop();
  });

  it('no more than 20,000 are kept; what came behind them is told of once, as a number', async () => {
    const [log, caller] = [createLog({ on: pool.db }), newCaller()];
    proxy.hangUp();
    for (const _ of range(20_500)) log.note(caller, ANSWERED);
    await log.flush();
    expect(log.read()).toEqual({ backlog: 20_000, lost: 500 });
    proxy.recover();
    await vi.waitFor(() => expect(log.read().backlog).toBe(0), { timeout: 20_000 });
    await log.stop();
    expect(await countOf(caller)).toBe(20_000);
    expect(lines.filter(([event]) => event === 'request_log.calls_lost')).toEqual([['request_log.calls_lost', 500]]);
  });

  it('a process that has to stop then says how many were lost', async () => {
    const [log, caller] = [createLog({ on: pool.db }), newCaller()];
    proxy.hangUp();
    for (const _ of range(7)) log.note(caller, ANSWERED);
    await log.stop();
    proxy.recover();
    expect(lines).toContainEqual(['request_log.calls_lost', 7]);
    expect(log.read()).toEqual({ backlog: 0, lost: 7 });
  });
});

import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../src/audit/events/event.ts';
import { type Follower, followLog } from '../../src/audit/queries/follow.ts';
import { createLogWatch } from '../../src/audit/queries/follow-watch.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { type AuditStreamOptions, createAuditStream } from '../../src/web/audit-stream.ts';
import { createStreamPlaces } from '../../src/web/stream-places.ts';
import * as log from '../audit/log.ts';
import { createTestDatabase } from '../support/database.ts';
import { readBlocks } from './sse.ts';

const database = await createTestDatabase();
const db = log.openTestPool(database.app);

interface Setting extends Partial<AuditStreamOptions> {
  readonly actions?: readonly string[];
}

async function open({ actions, ...options }: Setting = {}) {
  const workspaceId = log.newWorkspaceId();
  const follower = await followLog(
    { db, watch: createLogWatch(db, 5) },
    { reader: { workspaceId, environment: 'live' }, filters: { actions }, after: undefined },
  );
  const told = { ends: 0, failures: [] as unknown[], checks: 0 };
  const stream = createAuditStream({
    present: (event) => event,
    follower,
    clock: systemClock,
    recheck: async () => {
      told.checks += 1;
      return true;
    },
    stopping: new AbortController().signal,
    onFailure: (error) => told.failures.push(error),
    onEnd: () => {
      told.ends += 1;
    },
    ...options,
  });
  const append = (...parts: Parameters<typeof log.newEvent>[1][]) =>
    log.appendAll(db, ...parts.map((part) => log.newEvent(workspaceId, part)));
  return { reader: readBlocks(stream), told, append };
}

const lost = () => Object.assign(new Error('gone'), { code: 'CONNECTION_CLOSED' });

describe('a stream', () => {
  it('moves the id on over events that are not wanted, with a heartbeat that is no event', async () => {
    const { reader, told, append } = await open({ actions: ['token.revoked'], heartbeatMs: 30 });
    expect((await reader.next())?.id).toBe('-1');
    await append({}, {}, {});
    for (;;) {
      const block = await reader.next();
      expect(block).toMatchObject({ comment: 'heartbeat', data: undefined });
      if (block?.id === '2') break;
    }
    expect(told.checks).toBeGreaterThan(0);
    await append({ action: 'token.revoked' });
    expect((await reader.nextEvent())?.id).toBe('3');
    await reader.close();
    expect(told.ends).toBeGreaterThan(0);
  });

  it('sends heartbeats though events that are not wanted come all the time', async () => {
    const { reader, append } = await open({ actions: ['token.revoked'], heartbeatMs: 50 });
    await reader.next();
    let isDone = false;
    const writing = (async () => {
      while (!isDone) await append({});
    })();
    expect((await reader.next())?.comment).toBe('heartbeat');
    isDone = true;
    await writing;
    await reader.close();
  });

  it('keeps what it has read while nobody can tell whether the caller may see it, and loses none of it', async () => {
    let isAway = true;
    let asked = 0;
    const recheck = async () => {
      asked += 1;
      if (isAway) throw lost();
      return true;
    };
    const { reader, append, told } = await open({ recheck });
    await reader.next();
    await append({ reason: 'one' }, { reason: 'two' });
    const first = reader.nextEvent();
    await log.until(() => asked >= 2);
    isAway = false;
    expect([(await first)?.data.reason, (await reader.nextEvent())?.data.reason]).toEqual(['one', 'two']);
    expect(told.failures).toEqual([]);
    await reader.close();
  });

  it('ends when that takes too long, and its last id is that of the last event it has shown', async () => {
    let isAway = false;
    const recheck = async () => {
      if (isAway) throw lost();
      return true;
    };
    const { reader, append, told } = await open({ recheck, patienceMs: 0 });
    await reader.next();
    await append({ reason: 'shown' });
    expect((await reader.nextEvent())?.id).toBe('0');
    isAway = true;
    await append({ reason: 'kept back' });
    expect(await reader.nextEvent()).toMatchObject({ event: 'end', id: '0', data: { reason: 'unavailable' } });
    expect(await reader.next()).toBeUndefined();
    expect([told.failures.length, told.ends]).toEqual([1, 1]);
  });

  it('shows nothing that it has read for a caller who is refused by then', async () => {
    let isAllowed = true;
    const { reader, append } = await open({ recheck: async () => isAllowed });
    await reader.next();
    isAllowed = false;
    await append({ reason: 'secret' });
    expect(await reader.nextEvent()).toMatchObject({ event: 'end', data: { reason: 'access_ended' }, id: '-1' });
  });

  it('reads no further than its client', async () => {
    let reads = 0;
    const event = { leaf_index: 0, targets: [], changes: [] } as unknown as AuditEvent;
    const follower: Follower = {
      position: 0,
      next: async () => {
        reads += 1;
        return [event];
      },
    };
    const stream = createAuditStream({
      present: (event) => event,
      follower,
      clock: systemClock,
      recheck: async () => true,
      stopping: new AbortController().signal,
      onFailure: () => {},
      onEnd: () => {},
    });
    const reader = stream.getReader();
    await reader.read();
    await reader.read();
    await new Promise((resolve) => setImmediate(resolve));
    expect(reads).toBe(1);
    await reader.cancel();
  });
});

describe('places for streams', () => {
  it('are bounded for each caller and in all, and given back once', () => {
    const places = createStreamPlaces({ perCaller: 2, inAll: 3 });
    const take = (caller: string) => places.take({ caller, workspace: `of ${caller}` });
    const leave = take('a');
    take('a');
    expect(() => take('a')).toThrow('2 streams');
    take('b');
    expect(() => take('b')).toThrow('3 streams');
    leave();
    leave();
    take('b');
    expect(() => take('c')).toThrow('3 streams');
  });

  it('are left for other workspaces, however many callers one has', () => {
    const places = createStreamPlaces({ perCaller: 2, inAll: 4 });
    const leave = places.take({ caller: 'a', workspace: 'busy' });
    places.take({ caller: 'b', workspace: 'busy' });
    expect(() => places.take({ caller: 'c', workspace: 'busy' })).toThrow('This workspace has 2 streams');
    places.take({ caller: 'd', workspace: 'other' });
    leave();
    places.take({ caller: 'c', workspace: 'busy' });
  });
});

describe('the watch over a log', () => {
  it('asks the database only while somebody waits, and once for all of them', async () => {
    const workspaceId = log.newWorkspaceId();
    const reader = { workspaceId, environment: 'live' } as const;
    let looks = 0;
    const counting = new Proxy(db, {
      get(target, key, receiver) {
        if (key === '_') looks += 1;
        return Reflect.get(target, key, receiver);
      },
    });
    const watch = createLogWatch(counting, 5);
    const followers = await Promise.all(
      log.range(5).map(() => followLog({ db, watch }, { reader, filters: {}, after: undefined })),
    );
    const { signal } = new AbortController();
    const waiting = followers.map((follower) => follower.next(10_000, signal));
    await log.until(() => looks >= 3);
    await log.appendAll(db, log.newEvent(workspaceId));
    for (const events of await Promise.all(waiting)) expect(events).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = looks;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(looks).toBe(before);
  });

  it('lets those who wait go when their time is up or they are called off', async () => {
    const reader = { workspaceId: log.newWorkspaceId(), environment: 'live' } as const;
    const follower = await followLog({ db, watch: createLogWatch(db, 5) }, { reader, filters: {}, after: undefined });
    const controller = new AbortController();
    expect(await follower.next(1, controller.signal)).toEqual([]);
    const waiting = follower.next(60_000, controller.signal);
    controller.abort();
    expect(await waiting).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import type { AuditFilters } from '../../src/audit/queries/filters.ts';
import { followLog } from '../../src/audit/queries/follow.ts';
import { createLogWatch } from '../../src/audit/queries/follow-watch.ts';
import { createSequencer } from '../../src/audit/sequencer/sequencer.ts';
import { createTestDatabase } from '../support/database.ts';
import { silentLogger } from '../support/silent-logger.ts';
import * as log from './log.ts';

const database = await createTestDatabase();
const db = log.openTestPool(database.app, 16);

describe('following the log under concurrent writers', () => {
  test.each<[string, AuditFilters]>([
    ['everything', {}],
    ['one outcome', { outcomes: ['denied'] }],
    ['a time range', { since: new Date(0), until: new Date(8.64e15) }],
  ])('%s: no gap, no duplicate, no reordering', async (_, filters) => {
    const workspaceId = log.newWorkspaceId();
    const sequencer = createSequencer({ db, logger: silentLogger, sweepMs: 1 });
    sequencer.start();
    let isWriting = true;
    const writers = log.range(8).map(async (writer) => {
      for (const n of log.range(40)) {
        const outcome = n % 2 === 0 ? 'success' : 'denied';
        await log.appendAll(db, log.newEvent(workspaceId, { reason: `${writer}:${n}`, outcome }));
      }
    });
    const writing = Promise.all(writers).then(() => {
      isWriting = false;
    });
    const followers = [7, 100, 200].map(async (limit) => {
      const seen: [number, string | null][] = [];
      for (let cursor: string | undefined; ; ) {
        const wasWriting = isWriting;
        const page = await log.query(db, { workspaceId, environment: 'live' }, filters, {
          order: 'asc',
          limit,
          cursor,
        });
        seen.push(...page.events.map(({ leaf_index, reason }): [number, string | null] => [leaf_index, reason]));
        cursor = page.nextCursor ?? undefined;
        if (!wasWriting && page.events.length < limit) return seen;
      }
    });
    const [first, ...others] = await Promise.all(followers);
    await writing;
    await sequencer.stop();

    const leaves = (await log.storedLeaves(db, workspaceId)).map(({ leafIndex, reason }) => [leafIndex, reason]);
    expect(leaves).toHaveLength(320);
    const isWanted = (reason: unknown) => !filters.outcomes || Number(String(reason).split(':')[1]) % 2 === 1;
    expect(first).toEqual(leaves.filter(([, reason]) => isWanted(reason)));
    for (const other of others) expect(other).toEqual(first);
    // Each writer waits for its answer before it goes on, so its events are in the log in its order.
    for (const writer of log.range(8)) {
      const own = leaves.map(([, reason]) => String(reason)).filter((reason) => reason.startsWith(`${writer}:`));
      expect(own).toEqual(log.range(40).map((n) => `${writer}:${n}`));
    }
  });
});

describe('a follower that is far behind', () => {
  test.each<[string, 'live' | 'test' | null, AuditFilters, (n: number) => boolean]>([
    ['everything', null, {}, () => true],
    ['one environment', 'test', {}, (n) => n % 3 === 0],
    ['one outcome of every environment', null, { outcomes: ['denied'] }, (n) => n % 2 === 0],
    ['what there is little of', 'live', { words: ['rare'] }, (n) => n === 100],
  ])('gets %s in batches: no gap, no duplicate, no reordering', async (_, environment, filters, isWanted) => {
    const workspaceId = log.newWorkspaceId();
    const made = log.range(450).map((n) =>
      log.newEvent(workspaceId, {
        environment: n % 3 === 0 ? 'test' : 'live',
        outcome: n % 2 === 0 ? 'denied' : 'success',
        reason: n === 100 ? 'rare' : 'usual',
      }),
    );
    await log.appendAll(db, ...made);
    const reader = { workspaceId, environment };
    const follower = await followLog({ db, watch: createLogWatch(db, 5) }, { reader, filters, after: -1 });
    const batches: number[][] = [];
    while (follower.position < 449) {
      const events = await follower.next(1_000, new AbortController().signal);
      batches.push(events.map(({ leaf_index }) => leaf_index));
    }
    expect(batches.flat()).toEqual(log.range(450).filter(isWanted));
    expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(100);
  });
});

import { describe, expect, test } from 'vitest';
import { readActivity } from '../../src/introspection/usage/activity.ts';
import { createTestDatabase } from '../support/database.ts';
import { keyOf } from '../tokens/world.ts';
import { createUsedWorld, DAY_MS, HOUR_MS } from './usage-of-people.ts';

const world = await createUsedWorld(await createTestDatabase());
const { deps, key, workspaceId, time, addToken, use } = world;
time.now = new Date(Date.UTC(2031, 4, 17, 13, 59, 59, 999));
const member = await world.addMember(workspaceId, 'member');
const own = await addToken({ ownerId: member.principal.id });
const foreign = await addToken();
const HOUR_START = new Date(Date.UTC(2031, 4, 17, 13));

await use(own, { times: 2 }, { msAgo: HOUR_MS, outcome: 'revoked' }, { msAgo: 14 * HOUR_MS, outcome: 'missing_scope' });
await use(foreign, { times: 10 }, { msAgo: 24 * HOUR_MS - 1, times: 3 }, { msAgo: 24 * HOUR_MS, times: 7 });
await use(foreign, { msAgo: 29 * DAY_MS, times: 5 }, { msAgo: 30 * DAY_MS, times: 50 });
await use(null, { outcome: 'unknown', times: 4 }, { outcome: 'malformed' });
await use(await addToken({ environment: 'test' }), { by: keyOf(workspaceId, 'test'), times: 100 });
await use(await addToken({ workspaceId: world.elsewhere }), { by: keyOf(world.elsewhere), times: 100 });

/** The intervals with uses: how long before the last one, accepted, denied. */
async function usesOf(caller: Parameters<typeof readActivity>[1], request = {}) {
  const activity = await readActivity(deps, caller, request);
  const told = (intervals: typeof activity.days) =>
    intervals.flatMap(({ accepted, denied }, place) =>
      accepted + denied === 0 ? [] : [[intervals.length - 1 - place, accepted, denied]],
    );
  return { hours: told(activity.hours), days: told(activity.days) };
}

describe('activity', () => {
  test('has every hour and day of UTC up to now, oldest first', async () => {
    const { hours, days } = await readActivity(deps, key);
    expect(hours).toHaveLength(24);
    expect(days).toHaveLength(30);
    expect(hours.at(-1)?.startsAt).toEqual(HOUR_START);
    expect(hours[0]?.startsAt).toEqual(new Date(HOUR_START.getTime() - 23 * HOUR_MS));
    expect(days.at(-1)?.startsAt).toEqual(new Date(Date.UTC(2031, 4, 17)));
    expect(days[0]?.startsAt).toEqual(new Date(Date.UTC(2031, 3, 18)));
  });

  test.each([
    [
      'an API key: all tokens, and what was no token',
      () => key,
      {
        hours: [
          [23, 3, 0],
          [14, 1, 0],
          [1, 0, 1],
          [0, 12, 5],
        ],
        days: [
          [29, 5, 0],
          [1, 11, 0],
          [0, 12, 6],
        ],
      },
    ],
    [
      'a member: its own tokens',
      () => member,
      {
        hours: [
          [14, 1, 0],
          [1, 0, 1],
          [0, 2, 0],
        ],
        days: [
          [1, 1, 0],
          [0, 2, 1],
        ],
      },
    ],
    ['another environment', () => keyOf(workspaceId, 'test'), { hours: [[0, 100, 0]], days: [[0, 100, 0]] }],
    ['another workspace', () => keyOf(world.elsewhere), { hours: [[0, 100, 0]], days: [[0, 100, 0]] }],
  ])('is for %s', async (_, caller, expected) => {
    expect(await usesOf(caller())).toEqual(expected);
  });

  test('is as long as asked for', async () => {
    expect(await usesOf(key, { hours: 1, days: 31 })).toEqual({
      hours: [[0, 12, 5]],
      days: [
        [30, 50, 0],
        [29, 5, 0],
        [1, 11, 0],
        [0, 12, 6],
      ],
    });
    expect((await readActivity(deps, key, { hours: 1, days: 31 })).days).toHaveLength(31);
  });

  test('is none for a member without tokens', async () => {
    expect(await usesOf(await world.addMember(workspaceId, 'member'))).toEqual({ hours: [], days: [] });
  });
});

import { expect, test } from 'vitest';
import { namePrincipals } from '../../src/introspection/usage/names.ts';
import { readTokenUses } from '../../src/introspection/usage/token-uses.ts';
import { createTestDatabase } from '../support/database.ts';
import { keyOf } from '../tokens/world.ts';
import { createUsedWorld, DAY_MS, HOUR_MS } from './usage-of-people.ts';

const world = await createUsedWorld(await createTestDatabase());
const { deps, key, workspaceId, time, addToken, addKey, use } = world;
time.now = new Date(Date.UTC(2031, 4, 17, 13, 30));
const ago = (ms: number) => new Date(time.now.getTime() - ms);

test('the uses of a token are told by the hour and by the day, and those of others are not among them', async () => {
  const token = await addToken();
  await use(await addToken(), { times: 9 });
  await use(
    token,
    { times: 2 },
    { msAgo: 2 * HOUR_MS, outcome: 'expired', times: 3 },
    { msAgo: 23 * HOUR_MS, times: 4 },
    { msAgo: 29 * DAY_MS, times: 5 },
    { msAgo: 30 * DAY_MS, times: 6 },
  );
  const { activity } = await readTokenUses(deps, key, token.id);
  expect(activity.hours).toHaveLength(24);
  expect(activity.hours.at(-1)).toEqual({ startsAt: new Date(Date.UTC(2031, 4, 17, 13)), accepted: 2, denied: 0 });
  expect(activity.hours.at(-3)).toMatchObject({ accepted: 0, denied: 3 });
  expect(activity.hours[0]).toMatchObject({ accepted: 4, denied: 0 });
  expect(activity.days).toHaveLength(30);
  expect(activity.days.at(-1)).toEqual({ startsAt: new Date(Date.UTC(2031, 4, 17)), accepted: 2, denied: 3 });
  expect(activity.days[0]).toMatchObject({ accepted: 5, denied: 0 });
});

test('where a token came from is told with what was denied, the latest first', async () => {
  const token = await addToken();
  await use(
    token,
    { msAgo: 3 * HOUR_MS, source: '198.51.100.1', times: 2 },
    { msAgo: 2 * HOUR_MS, source: '198.51.100.1', outcome: 'address_not_allowed', times: 3 },
    { msAgo: HOUR_MS, source: null },
    { source: '198.51.100.2', outcome: 'address_not_allowed' },
  );
  const { sources } = await readTokenUses(deps, key, token.id);
  expect(sources).toMatchObject([
    { source: '198.51.100.2', lastSeenAt: time.now, accepted: 0, denied: 1 },
    { source: null, firstSeenAt: null, lastSeenAt: ago(HOUR_MS), accepted: 1, denied: 0 },
    { source: '198.51.100.1', lastSeenAt: ago(2 * HOUR_MS), accepted: 2, denied: 3 },
  ]);
  expect(sources[0]?.firstSeenAt).not.toBeNull();
});

test.each([
  ['a member who does not own it', async () => world.addMember(workspaceId, 'member')],
  ['another environment', async () => keyOf(workspaceId, 'test')],
  ['another workspace', async () => keyOf(world.elsewhere)],
])('the uses of a token are not found by %s', async (_, caller) => {
  const owner = await world.addMember(workspaceId, 'member');
  const { id } = await addToken({ ownerId: owner.principal.id });
  await expect(readTokenUses(deps, await caller(), id)).rejects.toMatchObject({ code: 'not_found' });
  await expect(readTokenUses(deps, owner, id)).resolves.toMatchObject({ sources: [] });
});

test('principals are named to those who see them', async () => {
  const member = await world.addMember(workspaceId, 'member');
  const own = await addToken({ ownerId: member.principal.id });
  const [foreign, elsewhere] = [await addToken(), await addToken({ workspaceId: world.elsewhere })];
  const asking = await addKey('nightly job');
  const ids = [own.id, foreign.id, elsewhere.id, asking.principal.id, 'system', null];
  expect(await namePrincipals(deps, key, ids)).toEqual(
    new Map<string, string>([
      [own.id, own.name],
      [foreign.id, foreign.name],
      [asking.principal.id, 'nightly job'],
    ]),
  );
  expect(await namePrincipals(deps, member, ids)).toEqual(new Map([[own.id, own.name]]));
});

import { describe, expect, test } from 'vitest';
import { purgeUsage } from '../../src/introspection/usage/purge.ts';
import { readApiKeyReliance, readTokenReliance } from '../../src/introspection/usage/reliance.ts';
import { idToUuid, newId, type TokenId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { keyOf } from '../tokens/world.ts';
import { createUsedWorld, DAY_MS, HOUR_MS } from './usage-of-people.ts';

const world = await createUsedWorld(await createTestDatabase());
const { deps, key, workspaceId, sql, time, addToken, addKey, use } = world;
time.now = new Date(Date.UTC(2031, 4, 17, 13, 30));
const ago = (ms: number) => new Date(time.now.getTime() - ms);
/** Since midnight UTC. */
const intoDayMs = time.now.getTime() % DAY_MS;

const setFirstSeen = (id: TokenId, source: string, at: Date) =>
  sql`update token_sources set seen_at = ${at.toISOString()} where token_id = ${idToUuid(id)} and source = ${source}`;

describe('what revoking a token will break', () => {
  test('is nothing for one that was never used', async () => {
    const { id } = await addToken();
    expect(await readTokenReliance(deps, key, id)).toEqual({
      lastUsedAt: null,
      lastUsedFrom: null,
      usesToday: 0,
      usesIn7Days: 0,
      sources: [],
      introspectors: [],
      issuedTokens: { count: 0, isMore: false },
    });
  });

  test('is told by when it was used, from where and by whom, and what was denied does not count', async () => {
    const token = await addToken();
    const [billing, shipping] = [await addKey('billing'), await addKey('shipping')];
    await use(
      token,
      { msAgo: 31 * DAY_MS, source: '198.51.100.1', by: billing },
      { msAgo: 20 * DAY_MS, source: '198.51.100.2', by: billing, times: 2 },
      { msAgo: intoDayMs + 1, source: '198.51.100.3', by: billing, times: 3 },
      { source: '198.51.100.3', by: shipping, times: 4, outcome: 'missing_scope' },
      { source: '198.51.100.4', by: await addKey('denied'), times: 5, outcome: 'address_not_allowed' },
    );
    await use(token, { msAgo: HOUR_MS / 60, source: null, by: null, times: 6 });
    await setFirstSeen(token.id, '198.51.100.2', ago(21 * DAY_MS));
    await setFirstSeen(token.id, '198.51.100.3', ago(2 * DAY_MS));
    const reliance = await readTokenReliance(deps, key, token.id);
    expect(reliance).toMatchObject({ lastUsedAt: time.now, lastUsedFrom: '198.51.100.3' });
    expect(reliance.usesIn7Days).toBe(13);
    expect(reliance.usesToday).toBe(10);
    expect(reliance.sources).toEqual([
      { source: '198.51.100.3', firstSeenAt: ago(2 * DAY_MS), lastSeenAt: time.now, uses: 7 },
      { source: null, firstSeenAt: null, lastSeenAt: ago(HOUR_MS / 60), uses: 6 },
      { source: '198.51.100.2', firstSeenAt: ago(21 * DAY_MS), lastSeenAt: ago(20 * DAY_MS), uses: 2 },
    ]);
    expect(reliance.introspectors).toEqual([
      { introspectorId: shipping.principal.id, name: 'shipping', lastUsedAt: time.now, uses: 4 },
      { introspectorId: null, name: null, lastUsedAt: ago(HOUR_MS / 60), uses: 6 },
      { introspectorId: billing.principal.id, name: 'billing', lastUsedAt: ago(intoDayMs + 1), uses: 5 },
    ]);
  });

  test('is told of the latest ten sources', async () => {
    const token = await addToken();
    for (let n = 0; n < 12; n += 1) await use(token, { msAgo: n * 1000, source: `203.0.113.${n}` });
    const { sources } = await readTokenReliance(deps, key, token.id);
    expect(sources.map(({ source }) => source)).toEqual(Array.from({ length: 10 }, (_, n) => `203.0.113.${n}`));
  });

  test('counts the tokens that it issued and that live on', async () => {
    const { id } = await addToken();
    await addToken({ issuedThrough: id });
    await addToken({ issuedThrough: id, expiresInMs: HOUR_MS });
    await addToken({ issuedThrough: id, expiresInMs: 0 });
    await addToken({ issuedThrough: id, revokedMsAgo: 1 });
    expect((await readTokenReliance(deps, key, id)).issuedTokens).toEqual({ count: 2, isMore: false });
  });

  test('names no key, member or foreign token to those who see only their own tokens', async () => {
    const member = await world.addMember(workspaceId, 'member');
    const owner = await world.addMember(workspaceId, 'owner');
    const token = await addToken({ ownerId: member.principal.id });
    const [own, foreign] = [await addToken({ ownerId: member.principal.id }), await addToken()];
    const asCaller = ({ id }: typeof own) => ({ ...key, principal: { ...key.principal, id: id as never } });
    const asking = [await addKey('secret plans'), owner, asCaller(own), asCaller(foreign)];
    for (const by of asking) await use(token, { by });
    await addToken({ issuedThrough: token.id });
    const namesOf = async (caller: typeof key | typeof member) =>
      (await readTokenReliance(deps, caller, token.id)).introspectors.map(({ name }) => name).sort();
    expect(await namesOf(member)).toEqual([null, null, null, own.name]);
    expect(await namesOf(key)).toEqual([own.name, foreign.name, 'owner', 'secret plans'].sort());
    expect((await readTokenReliance(deps, member, token.id)).issuedTokens.count).toBe(0);
  });

  test.each([
    ['a member who does not own it', async () => world.addMember(workspaceId, 'member')],
    ['another environment', async () => keyOf(workspaceId, 'test')],
    ['another workspace', async () => keyOf(world.elsewhere)],
  ])('is not found by %s', async (_, caller) => {
    const owner = await world.addMember(workspaceId, 'member');
    const { id } = await addToken({ ownerId: owner.principal.id });
    await expect(readTokenReliance(deps, await caller(), id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(readTokenReliance(deps, owner, id)).resolves.toMatchObject({ usesToday: 0 });
  });

  test('knows when a source was new after the purge has brought it up to date', async () => {
    const token = await addToken();
    await use(token, { source: '192.0.2.77' });
    await setFirstSeen(token.id, '192.0.2.77', ago(120 * DAY_MS));
    await purgeUsage(deps);
    const [known] = await sql`select seen_at from token_sources where token_id = ${idToUuid(token.id)}`;
    expect(new Date(known?.seen_at)).toEqual(time.now);
    const { sources } = await readTokenReliance(deps, key, token.id);
    expect(sources).toMatchObject([{ firstSeenAt: ago(120 * DAY_MS), lastSeenAt: time.now }]);
  });
});

describe('what deleting an API key will break', () => {
  test('is told by its last use, how often it asked, and the tokens that it issued', async () => {
    const caller = await addKey('ci');
    const { id } = caller.principal;
    expect(await readApiKeyReliance(deps, key, id)).toEqual({
      lastUsedAt: null,
      lastUsedFrom: null,
      introspectionsToday: 0,
      introspectionsIn7Days: 0,
      issuedTokens: { count: 0, isMore: false },
    });
    await sql`insert into credential_uses (credential_id, last_used_at, last_used_from)
      values (${idToUuid(id)}, ${time.now.toISOString()}, '192.0.2.5')`;
    const [one, other] = [await addToken({ createdBy: id }), await addToken({ createdBy: id, expiresInMs: HOUR_MS })];
    await addToken({ createdBy: id, revokedMsAgo: 1 });
    await addToken({ createdBy: id, expiresInMs: 0 });
    await use(
      one,
      { by: caller, times: 3 },
      { by: caller, msAgo: intoDayMs + 1 },
      { by: caller, msAgo: intoDayMs + 6 * DAY_MS + 1 },
    );
    await use(other, { by: caller, outcome: 'expired' }, { by: key });
    await use(null, { by: caller, outcome: 'unknown' });
    expect(await readApiKeyReliance(deps, key, id)).toEqual({
      lastUsedAt: time.now,
      lastUsedFrom: '192.0.2.5',
      introspectionsToday: 5,
      introspectionsIn7Days: 6,
      issuedTokens: { count: 2, isMore: false },
    });
  });

  test('is not found in another workspace, nor of a key that is gone', async () => {
    const { principal } = await addKey('ci', world.elsewhere);
    await expect(readApiKeyReliance(deps, key, principal.id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(readApiKeyReliance(deps, key, newId('key', deps))).rejects.toMatchObject({ code: 'not_found' });
  });
});

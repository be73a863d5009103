import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { createDigest } from '../../src/credentials/digest.ts';
import { generateSecret, parseSecret } from '../../src/credentials/opaque-secret.ts';
import { inTransaction } from '../../src/db/connection.ts';
import { decideRefresh, type RefreshState } from '../../src/identity/sessions/decide-refresh.ts';
import { endAllSessions } from '../../src/identity/sessions/end.ts';
import { refreshSession } from '../../src/identity/sessions/refresh.ts';
import { createSuccessors } from '../../src/identity/sessions/refresh-token.ts';
import { idToUuid } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createTestDatabase } from '../support/database.ts';
import { createSessionWorld, origin, type TestMember } from './session-world.ts';

const world = await createSessionWorld(await createTestDatabase());
const { deps, sql, time, pass, refresh, mustRefresh, signIn } = world;
const DAY_MS = 86_400_000;

let member: TestMember;
beforeEach(async () => {
  world.beginNow();
  member = await world.addMember();
});

/** Rows of refresh tokens of the session: how many there are, and how many of them unused. */
async function countTokens(sessionId: string): Promise<{ all: number; unused: number }> {
  const [row] = await sql<{ all: number; unused: number }[]>`
    select count(*)::int as all, (count(*) filter (where used_at is null))::int as unused
    from refresh_tokens where session_id = ${idToUuid(sessionId as never)}`;
  return row ?? { all: 0, unused: 0 };
}

describe('a refresh', () => {
  test('gives an access token of the same session and another refresh token', async () => {
    const started = await signIn(member);
    const authenticatedAt = time.now;
    pass(600_000);
    const refreshed = await mustRefresh(started.refreshToken);
    expect(refreshed.refreshToken).not.toBe(started.refreshToken);
    expect(parseSecret('refresh', refreshed.refreshToken)).toBe(refreshed.refreshToken);
    expect(refreshed.expiresInSeconds).toBe(900);
    expect(deps.accessTokens.read(refreshed.accessToken)).toEqual({
      sessionId: started.sessionId,
      memberId: member.id,
      workspaceId: member.workspaceId,
      access: 'member',
      generation: 1,
      authenticatedAt,
      issuedAt: time.now,
      expiresAt: new Date(time.now.getTime() + 900_000),
    });
  });

  test('says what the member may do now, and when it last proved who it is', async () => {
    const started = await signIn(member);
    pass(60_000);
    const steppedUpAt = time.now;
    await sql`update members set access = 'auditor' where id = ${idToUuid(member.id)}`;
    await sql`update sessions set authenticated_at = ${steppedUpAt.toISOString()} where id = ${idToUuid(started.sessionId)}`;
    pass(60_000);
    const { accessToken } = await mustRefresh(started.refreshToken);
    expect(deps.accessTokens.read(accessToken)).toMatchObject({ access: 'auditor', authenticatedAt: steppedUpAt });
  });

  test('notes when, from where and with what the session was last seen', async () => {
    const started = await signIn(member);
    pass(60_000);
    await refresh(started.refreshToken, { ...origin, ip: '2001:db8::1', userAgent: 'other' });
    expect(await world.sessionRow(started.sessionId)).toMatchObject({
      last_seen_from: '2001:db8::1',
      user_agent: 'other',
      last_seen_at: expect.anything(),
    });
    expect(new Date((await world.sessionRow(started.sessionId))?.last_seen_at as string)).toEqual(time.now);
  });

  test('keeps a digest of the next token and nothing else of it', async () => {
    const started = await signIn(member);
    const { refreshToken } = await mustRefresh(started.refreshToken);
    const rows = await sql<{ digest: Buffer }[]>`select digest from refresh_tokens`;
    const digests = rows.map(({ digest }) => digest.toString('hex'));
    expect(digests).toContain(deps.digest(refreshToken).toString('hex'));
    const all = JSON.stringify(await sql`select * from refresh_tokens, sessions`);
    expect(all).not.toContain(refreshToken);
  });
});

describe('a retry', () => {
  test('within ten seconds gets the same next token, however often', async () => {
    const started = await signIn(member);
    const first = await mustRefresh(started.refreshToken);
    pass(10_000);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect((await mustRefresh(started.refreshToken)).refreshToken).toBe(first.refreshToken);
    }
    expect(await countTokens(started.sessionId)).toEqual({ all: 2, unused: 1 });
    await mustRefresh(first.refreshToken);
  });

  test('after more than ten seconds ends the session', async () => {
    const started = await signIn(member);
    const first = await mustRefresh(started.refreshToken);
    pass(10_001);
    expect(await refresh(started.refreshToken)).toMatchObject({ outcome: 'refused', reason: 'reused' });
    expect(await refresh(first.refreshToken)).toMatchObject({ outcome: 'refused', reason: 'ended' });
  });

  test('once the next token was used ends the session, within ten seconds too', async () => {
    const started = await signIn(member);
    const first = await mustRefresh(started.refreshToken);
    const second = await mustRefresh(first.refreshToken);
    expect(await refresh(started.refreshToken)).toMatchObject({ outcome: 'refused', reason: 'reused' });
    expect(await refresh(second.refreshToken)).toMatchObject({ outcome: 'refused', reason: 'ended' });
  });
});

describe('a refresh token that is reused', () => {
  test('ends its session with an event, tells all replicas, and leaves other sessions of the member alone', async () => {
    const [stolen, other] = [await signIn(member), await signIn(member)];
    const { refreshToken } = await mustRefresh(stolen.refreshToken);
    await mustRefresh(refreshToken);
    pass(60_000);
    await sql`delete from invalidations`;
    expect(await refresh(refreshToken)).toMatchObject({ outcome: 'refused', reason: 'reused' });
    expect(await world.sessionRow(stolen.sessionId)).toMatchObject({ end_reason: 'refresh_reused' });
    expect(await world.invalidated()).toEqual([`session ${idToUuid(stolen.sessionId)}`]);
    const events = await world.eventsOf(stolen.sessionId);
    expect(events).toMatchObject([
      {
        action: 'session.refresh_reused',
        outcome: 'failure',
        actor: { type: 'anonymous' },
        targets: [{ id: member.id }, { id: stolen.sessionId }],
      },
    ]);
    expect(JSON.stringify(events)).not.toContain('tokr_');
    await mustRefresh(other.refreshToken);
  });

  test('is told once, however often it is presented', async () => {
    const started = await signIn(member);
    await mustRefresh(started.refreshToken);
    pass(60_000);
    for (const reason of ['reused', 'ended', 'ended']) {
      expect(await refresh(started.refreshToken)).toMatchObject({ outcome: 'refused', reason });
    }
    expect(await world.eventsOf(started.sessionId)).toHaveLength(1);
  });

  test('waits for the fence before it answers', async () => {
    const started = await signIn(member);
    await mustRefresh(started.refreshToken);
    pass(60_000);
    const fenced: unknown[] = [];
    const fence: typeof deps.fence = async (...changes) => {
      fenced.push(...changes.flatMap(({ subjects }) => subjects));
      return { replicas: 1, waitedMs: 0 };
    };
    await refreshSession({ ...deps, fence }, started.refreshToken, origin);
    expect(fenced).toEqual([started.sessionId]);
  });
});

describe('of refreshes at the same time', () => {
  test('with one token all get the same next one, which is one row', async () => {
    const started = await signIn(member);
    const results = await Promise.all(Array.from({ length: 8 }, () => mustRefresh(started.refreshToken)));
    expect(new Set(results.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    expect(await countTokens(started.sessionId)).toEqual({ all: 2, unused: 1 });
    await mustRefresh(results[0]?.refreshToken ?? '');
  });

  test('with a token and the one before it, the session never has two that are good', async () => {
    const started = await signIn(member);
    const first = await mustRefresh(started.refreshToken);
    const presented = Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? started : first).refreshToken);
    const results = await Promise.all(presented.map((token) => refresh(token)));
    const next = results.filter((result) => result.outcome === 'refreshed').map((result) => result.refreshToken);
    // Either of them came first: then the other is a retry, or reuse.
    expect(new Set(next).size).toBeLessThanOrEqual(2);
    expect((await countTokens(started.sessionId)).unused).toBe(1);
  });

  test('and an end of all sessions, none leaves a token that is good', async () => {
    for (let round = 0; round < 5; round += 1) {
      const started = await signIn(await world.addMember());
      const memberId = deps.accessTokens.read(started.accessToken)?.memberId;
      if (memberId === undefined) throw new Error('no access token');
      const [refreshed] = await Promise.all([
        refresh(started.refreshToken),
        inTransaction(deps.db, (tx) => endAllSessions(tx, memberId, 'all_ended', time.now)),
      ]);
      const token = refreshed.outcome === 'refreshed' ? refreshed.refreshToken : started.refreshToken;
      expect(await refresh(token)).toMatchObject({ outcome: 'refused', reason: 'ended' });
    }
  });
});

test('whatever order old and new tokens come in, the one that is given out is the only one that is good', async () => {
  const step = fc.record({ back: fc.nat(3), pauseMs: fc.constantFrom(0, 5_000, 10_000, 10_001) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
      world.beginNow();
      const { sessionId, refreshToken } = await signIn(member);
      const given: string[] = [refreshToken];
      let hasEnded = false;
      for (const { back, pauseMs } of steps) {
        pass(pauseMs);
        // The newest is good; the one before is for a while; what is older never is.
        const age = Math.min(back, given.length - 1);
        const result = await refresh(given[given.length - 1 - age] ?? '');
        if (hasEnded || age > 1) expect(result.outcome).toBe('refused');
        if (!hasEnded && age === 0) expect(result.outcome).toBe('refreshed');
        if (result.outcome === 'refused') hasEnded = true;
        else if (age === 0) given.push(result.refreshToken);
        else expect(result.refreshToken).toBe(given.at(-1));
        expect((await countTokens(sessionId)).unused).toBe(1);
        expect((await world.sessionRow(sessionId))?.ended_at !== null).toBe(hasEnded);
      }
      expect(new Set(given).size).toBe(given.length);
    }),
    { numRuns: 25 },
  );
});

describe('a session ends', () => {
  test('seven days after sign-in, however often it was refreshed, and its access tokens with it', async () => {
    const started = await signIn(member);
    expect(started.endsAt).toEqual(new Date(time.now.getTime() + 7 * DAY_MS));
    let token: string = started.refreshToken;
    for (let day = 1; day <= 6; day += 1) {
      pass(DAY_MS);
      token = (await mustRefresh(token)).refreshToken;
    }
    pass(DAY_MS - 60_000);
    const last = await mustRefresh(token);
    expect(last.expiresInSeconds).toBe(60);
    expect(deps.accessTokens.read(last.accessToken)?.expiresAt).toEqual(started.endsAt);
    pass(60_000);
    expect(await refresh(last.refreshToken)).toMatchObject({ outcome: 'refused', reason: 'expired' });
    // Nor is a used one told as reused then: there is nothing left to steal.
    expect(await refresh(token)).toMatchObject({ outcome: 'refused', reason: 'expired' });
    expect(await world.eventsOf(started.sessionId)).toEqual([]);
  });

  test.each([
    [
      'the generation of the member is raised',
      () => sql`update members set generation = generation + 1 where id = ${idToUuid(member.id)}`,
    ],
    ['the member is removed', () => sql`update members set removed_at = now() where id = ${idToUuid(member.id)}`],
    [
      'the member may not sign in any more',
      () => sql`update members set can_sign_in = false where id = ${idToUuid(member.id)}`,
    ],
    ['it was ended', () => sql`update sessions set ended_at = now() where member_id = ${idToUuid(member.id)}`],
  ])('when %s', async (_when, change) => {
    const started = await signIn(member);
    await change();
    expect(await refresh(started.refreshToken)).toMatchObject({ outcome: 'refused', reason: 'ended' });
  });
});

test('what is no refresh token of ours is refused without an event', async () => {
  const unknown = generateSecret('refresh', systemRandom);
  expect(await refresh(unknown)).toEqual({ outcome: 'refused', reason: 'unknown' });
  for (const text of ['', 'tokr_', 'tokr_x', `${unknown} `, unknown.replace('tokr', 'tokl'), 'tkn_live_x', 'é']) {
    expect(await refresh(text)).toEqual({ outcome: 'refused', reason: 'malformed' });
  }
});

test('a refresh token planted by somebody without the master key is unknown', async () => {
  const started = await signIn(member);
  const planted = generateSecret('refresh', systemRandom);
  const guessed = createDigest(Buffer.alloc(32))(planted);
  await sql`insert into refresh_tokens (digest, session_id, created_at) values (${guessed}, ${idToUuid(started.sessionId)}, now())`;
  expect(await refresh(planted)).toMatchObject({ outcome: 'refused', reason: 'unknown' });
});

test('the token that follows depends on the one before and on the key', () => {
  const successorOf = createSuccessors(Buffer.alloc(32, 1));
  const [one, other] = [generateSecret('refresh', systemRandom), generateSecret('refresh', systemRandom)];
  expect(successorOf(one)).toBe(successorOf(one));
  expect(parseSecret('refresh', successorOf(one))).toBeDefined();
  const all = [one, other, successorOf(one), successorOf(other), createSuccessors(Buffer.alloc(32, 2))(one)];
  expect(new Set(all).size).toBe(all.length);
});

describe('the rules', () => {
  const now = new Date('2027-01-31T12:00:00Z');
  const at = (ms: number) => new Date(now.getTime() + ms);
  const good: RefreshState = {
    usedAt: null,
    isSuccessorUnused: false,
    session: { generation: 2, expiresAt: at(1), endedAt: null },
    member: { generation: 2, isRemoved: false, canSignIn: true },
  };
  test.each([
    ['an unused token', good, 'rotate'],
    ['one whose session ends this very instant', { ...good, session: { ...good.session, expiresAt: now } }, 'expired'],
    ['one used ten seconds ago', { ...good, usedAt: at(-10_000), isSuccessorUnused: true }, 'repeat'],
    ['one used by a replica whose clock is ahead', { ...good, usedAt: at(500), isSuccessorUnused: true }, 'repeat'],
    ['one used longer ago', { ...good, usedAt: at(-10_001), isSuccessorUnused: true }, 'reused'],
    ['one whose successor is used', { ...good, usedAt: at(-1), isSuccessorUnused: false }, 'reused'],
    ['one of another generation', { ...good, session: { ...good.session, generation: 1 } }, 'ended'],
    [
      'a used one of an ended session',
      { ...good, usedAt: at(-20_000), session: { ...good.session, endedAt: at(-1) } },
      'ended',
    ],
    ['one of a removed member', { ...good, member: { ...good.member, isRemoved: true } }, 'ended'],
  ] as const)('%s', (_of, state, decision) => {
    expect(decideRefresh(state, now)).toBe(decision);
  });
});

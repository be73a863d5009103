import { beforeEach, describe, expect, test } from 'vitest';
import { inTransaction } from '../../src/db/connection.ts';
import { lockMember } from '../../src/identity/members/store.ts';
import { beginSession } from '../../src/identity/sessions/begin.ts';
import { endAllSessions } from '../../src/identity/sessions/end.ts';
import { endSessionsOf } from '../../src/identity/sessions/end-of-member.ts';
import { endOwnSession, endOwnSessions, listOwnSessions, signOut } from '../../src/identity/sessions/own.ts';
import { purgeSessions } from '../../src/identity/sessions/purge.ts';
import { type Id, type IdPrefix, idToUuid, newId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { createSessionWorld, origin, type TestMember } from './session-world.ts';

const world = await createSessionWorld(await createTestDatabase());
const { deps, sql, time, pass, refresh, signIn, callerOf } = world;
const DAY_MS = 86_400_000;

let member: TestMember;
beforeEach(async () => {
  world.beginNow();
  member = await world.addMember();
});

/** A fence that waits for nobody and notes what it was told. */
function noting() {
  const fenced: string[] = [];
  const fence: typeof deps.fence = async (...changes) => {
    fenced.push(...changes.flatMap(({ subjects }) => subjects));
    return { replicas: 1, waitedMs: 0 };
  };
  return { deps: { ...deps, fence }, fenced };
}

async function countRows(table: 'refresh_tokens' | 'sessions', column: string, id: Id<IdPrefix>): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from ${sql(table)} where ${sql(column)} = ${idToUuid(id)}`;
  return row?.count ?? 0;
}

describe('a session that begins', () => {
  test('is that of the member, as it is at that moment, for seven days', async () => {
    const started = await signIn(member);
    expect(deps.accessTokens.read(started.accessToken)).toEqual({
      sessionId: started.sessionId,
      memberId: member.id,
      workspaceId: member.workspaceId,
      access: 'member',
      generation: 1,
      authenticatedAt: time.now,
      issuedAt: time.now,
      expiresAt: new Date(time.now.getTime() + 900_000),
    });
    expect(started.expiresInSeconds).toBe(900);
    const { items } = await listOwnSessions(deps, callerOf(member, started.sessionId), { limit: 10 });
    expect(items).toEqual([
      {
        id: started.sessionId,
        memberId: member.id,
        kind: 'api',
        createdAt: time.now,
        expiresAt: new Date(time.now.getTime() + 7 * DAY_MS),
        authenticatedAt: time.now,
        lastSeenAt: time.now,
        lastSeenFrom: '192.0.2.1',
        userAgent: 'test',
      },
    ]);
  });
});

describe('the list', () => {
  test('has the sessions of the caller that are not over, newest first, a page at a time', async () => {
    const started = [];
    for (let count = 0; count < 5; count += 1) {
      started.push(await signIn(member));
      pass(1_000);
    }
    const [first, second, third, fourth, fifth] = started.map(({ sessionId }) => sessionId);
    if (second === undefined || fifth === undefined) throw new Error('too few');
    await signIn(await world.addMember());
    await endOwnSession(deps, callerOf(member, fifth), second);
    const caller = callerOf(member, fifth);
    const page = await listOwnSessions(deps, caller, { limit: 3 });
    expect(page.items.map(({ id }) => id)).toEqual([fifth, fourth, third]);
    const last = await listOwnSessions(deps, caller, { limit: 3, cursor: page.nextCursor ?? '' });
    expect(last.items.map(({ id }) => id)).toEqual([first]);
    expect(last.nextCursor).toBeNull();
  });

  test('has none that is past its end, or of before the generation was raised', async () => {
    const old = await signIn(member);
    pass(7 * DAY_MS - 1);
    const caller = callerOf(member, old.sessionId);
    expect((await listOwnSessions(deps, caller, { limit: 10 })).items).toHaveLength(1);
    pass(1);
    expect((await listOwnSessions(deps, caller, { limit: 10 })).items).toEqual([]);
    await signIn(member);
    await sql`update members set generation = 2 where id = ${idToUuid(member.id)}`;
    expect((await listOwnSessions(deps, caller, { limit: 10 })).items).toEqual([]);
  });

  test('of one member has no place for the cursor of another', async () => {
    const started = [await signIn(member), await signIn(member)];
    const other = await world.addMember();
    const caller = callerOf(member, (started[0] ?? (await signIn(member))).sessionId);
    const { nextCursor } = await listOwnSessions(deps, caller, { limit: 1 });
    const { sessionId } = await signIn(other);
    const reading = listOwnSessions(deps, callerOf(other, sessionId), { limit: 1, cursor: nextCursor ?? '' });
    await expect(reading).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('signing out', () => {
  test('ends the session, fenced, with one event however often', async () => {
    const { sessionId, refreshToken } = await signIn(member);
    const other = await signIn(member);
    const { deps: noted, fenced } = noting();
    await signOut(noted, callerOf(member, sessionId));
    await signOut(noted, callerOf(member, sessionId));
    expect(fenced).toEqual([sessionId, sessionId]);
    expect(await refresh(refreshToken)).toMatchObject({ outcome: 'refused', reason: 'ended' });
    expect(await refresh(other.refreshToken)).toMatchObject({ outcome: 'refreshed' });
    expect(await world.eventsOf(sessionId)).toMatchObject([
      { action: 'member.signed_out', actor: { type: 'member', id: member.id }, targets: [{ id: sessionId }] },
    ]);
    expect(await world.sessionRow(sessionId)).toMatchObject({ end_reason: 'signed_out' });
  });
});

describe('ending one session', () => {
  test('ends that one, fenced, and no other', async () => {
    const [one, other] = [await signIn(member), await signIn(member)];
    const { deps: noted, fenced } = noting();
    await endOwnSession(noted, callerOf(member, other.sessionId), one.sessionId);
    expect(fenced).toEqual([one.sessionId]);
    expect(await refresh(one.refreshToken)).toMatchObject({ outcome: 'refused', reason: 'ended' });
    expect(await refresh(other.refreshToken)).toMatchObject({ outcome: 'refreshed' });
    expect(await world.eventsOf(one.sessionId)).toMatchObject([{ action: 'session.ended' }]);
  });

  test('of somebody else, or none at all, is not found and changes nothing', async () => {
    const mine = await signIn(member);
    const others = await signIn(await world.addMember());
    const caller = callerOf(member, mine.sessionId);
    for (const id of [others.sessionId, newId('ses', deps)]) {
      await expect(endOwnSession(deps, caller, id)).rejects.toMatchObject({ code: 'not_found' });
    }
    expect(await refresh(others.refreshToken)).toMatchObject({ outcome: 'refreshed' });
    expect(await world.eventsOf(others.sessionId)).toEqual([]);
  });

  test('once more, as after a lost answer, waits for the fence again and leaves no second event', async () => {
    const [one, other] = [await signIn(member), await signIn(member)];
    const { deps: noted, fenced } = noting();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await endOwnSession(noted, callerOf(member, other.sessionId), one.sessionId);
    }
    expect(fenced).toEqual([one.sessionId, one.sessionId]);
    expect(await world.eventsOf(one.sessionId)).toHaveLength(1);
  });
});

describe('ending all sessions', () => {
  test('ends every one, raises the generation, and forgets sign-ins that wait for a second factor', async () => {
    const [one, other] = [await signIn(member), await signIn(member)];
    const strangers = await signIn(await world.addMember());
    await sql`insert into sign_in_challenges (id, member_id, generation, created_at, expires_at)
      values (gen_random_uuid(), ${idToUuid(member.id)}, 1, now(), now() + interval '5 minutes')`;
    const { deps: noted, fenced } = noting();
    await endOwnSessions(noted, callerOf(member, one.sessionId));
    expect(fenced).toContain(member.id);
    for (const { refreshToken } of [one, other]) {
      expect(await refresh(refreshToken)).toMatchObject({ outcome: 'refused', reason: 'ended' });
    }
    expect(await refresh(strangers.refreshToken)).toMatchObject({ outcome: 'refreshed' });
    const rows = await sql`select generation from members where id = ${idToUuid(member.id)}`;
    expect(rows).toEqual([{ generation: 2 }]);
    expect(await sql`select 1 from sign_in_challenges where member_id = ${idToUuid(member.id)}`).toEqual([]);
    expect(await world.eventsOf(member.id)).toMatchObject([{ action: 'session.all_ended' }]);
  });

  test('keeps the reason of one that had ended before', async () => {
    const started = await signIn(member);
    await signOut(deps, callerOf(member, started.sessionId));
    await inTransaction(deps.db, (tx) => endAllSessions(tx, member.id, 'password_changed', time.now));
    expect(await world.sessionRow(started.sessionId)).toMatchObject({ end_reason: 'signed_out' });
  });

  test('waits for a sign-in that is under way, and ends what that begins', async () => {
    const caller = callerOf(member, (await signIn(member)).sessionId);
    let ending: Promise<unknown> | undefined;
    const { refreshToken } = await inTransaction(deps.db, async (tx) => {
      await lockMember(tx, member.workspaceId, member.id);
      ending = endOwnSessions(deps, caller);
      await world.untilSomeoneWaits();
      return beginSession(tx, deps, { member, kind: 'api', origin });
    });
    await ending;
    expect(await refresh(refreshToken)).toMatchObject({ outcome: 'refused', reason: 'ended' });
  });
});

describe('a manager', () => {
  /** Somebody else in the workspace of `member`. */
  async function colleague(access: TestMember['access']): Promise<TestMember> {
    const id = newId('usr', deps);
    await sql`insert into members (id, workspace_id, email, name, access, joined_at, created_at, created_by)
      values (${idToUuid(id)}, ${idToUuid(member.workspaceId)}, ${`${id}@example.com`}, 'B', ${access}, now(), now(), 'system')`;
    return { ...member, id, access };
  }
  const asCaller = async (who: TestMember) => callerOf(who, (await signIn(who)).sessionId);

  test('ends all sessions of a member, fenced, and is the actor of the event', async () => {
    const admin = await colleague('admin');
    const { refreshToken } = await signIn(member);
    const { deps: noted, fenced } = noting();
    await endSessionsOf(noted, await asCaller(admin), member.id);
    expect(fenced).toContain(member.id);
    expect(await refresh(refreshToken)).toMatchObject({ outcome: 'refused', reason: 'ended' });
    expect(await world.eventsOf(member.id)).toMatchObject([
      { action: 'session.all_ended', actor: { type: 'member', id: admin.id } },
    ]);
  });

  test('who is an admin cannot end those of an owner, who is an owner can', async () => {
    const [owner, other, admin] = [await colleague('owner'), await colleague('owner'), await colleague('admin')];
    const { refreshToken } = await signIn(owner);
    await expect(endSessionsOf(deps, await asCaller(admin), owner.id)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await refresh(refreshToken)).toMatchObject({ outcome: 'refreshed' });
    await endSessionsOf(deps, await asCaller(other), owner.id);
    const { refreshToken: next } = await signIn({ ...owner, generation: 2 });
    expect(await refresh(next)).toMatchObject({ outcome: 'refreshed' });
  });

  test('finds nobody of another workspace, and nobody who is removed', async () => {
    const admin = await asCaller(await colleague('admin'));
    const stranger = await world.addMember();
    const removed = await colleague('member');
    await sql`update members set removed_at = now() where id = ${idToUuid(removed.id)}`;
    for (const id of [stranger.id, removed.id, newId('usr', deps)]) {
      await expect(endSessionsOf(deps, admin, id)).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  test('who was one a moment ago ends nothing', async () => {
    const admin = await colleague('admin');
    const caller = await asCaller(admin);
    await sql`update members set access = 'member' where id = ${idToUuid(admin.id)}`;
    await expect(endSessionsOf(deps, caller, member.id)).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('the purge', () => {
  test('removes sessions at their end with their refresh tokens, in silence, and none before', async () => {
    const old = await signIn(member);
    await refresh(old.refreshToken);
    // Written by a clock of days ago, as the database sees it.
    await sql`update sessions set expires_at = now() - interval '1 second' where id = ${idToUuid(old.sessionId)}`;
    const live = await signIn(member);
    const ended = await signIn(member);
    await signOut(deps, callerOf(member, ended.sessionId));
    await sql`delete from invalidations`;
    pass(60_000);
    await purgeSessions(deps);
    expect(await countRows('refresh_tokens', 'session_id', old.sessionId)).toBe(0);
    expect(await countRows('sessions', 'id', old.sessionId)).toBe(0);
    for (const { sessionId } of [live, ended]) expect(await countRows('sessions', 'id', sessionId)).toBe(1);
    expect(await world.invalidated()).toEqual([]);
    expect(await refresh(old.refreshToken)).toMatchObject({ outcome: 'refused', reason: 'unknown' });
    expect(await refresh(live.refreshToken)).toMatchObject({ outcome: 'refreshed' });
  });

  test('removes more than one batch at a time', async () => {
    await sql`insert into sessions (id, member_id, generation, kind, created_at, expires_at, authenticated_at, last_seen_at)
      select gen_random_uuid(), ${idToUuid(member.id)}, 1, 'api', now(), now() - interval '1 day', now(), now()
      from generate_series(1, 450)`;
    await purgeSessions(deps);
    expect(await countRows('sessions', 'member_id', member.id)).toBe(0);
  });
});

import * as jose from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { generateSecret } from '../../src/credentials/opaque-secret.ts';
import { inTransaction } from '../../src/db/connection.ts';
import { beginSession, type StartedSession } from '../../src/identity/sessions/begin.ts';
import { idToUuid, newId } from '../../src/lib/ids.ts';
import { nextMillisecond } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { addPerson, type Person } from '../support/people.ts';
import { createTestService, type TestService, type TestWorkspace } from '../support/service.ts';

const database = await createTestDatabase();
const service = await createTestService(database);
/** A second replica: what the first one ends, this one must know. */
const replica = await createTestService(database);
const { context } = service;

let workspace: TestWorkspace;
let person: Person;
beforeAll(async () => {
  workspace = await service.addWorkspace('home');
  person = await addPerson(service, workspace, { access: 'member' });
});

/** Another session of somebody. */
function signIn(who: Person): Promise<StartedSession> {
  const origin = { id: 'test', method: 'POST', route: '/test', ip: '192.0.2.7', userAgent: 'curl/8' };
  const member = { id: who.id, workspaceId: who.workspaceId, access: who.access, generation: 1 };
  return inTransaction(context.db, (tx) => beginSession(tx, context, { member, kind: 'api', origin }));
}

const refresh = (token: string, at: TestService = service) =>
  at.call('POST', '/v1/auth/refresh', { json: { refresh_token: token } });
const whoami = async (secret: string, at: TestService = service) =>
  (await at.call('GET', '/v1/whoami', { secret })).status;
/** Both replicas remember the token by now. */
async function isGoodEverywhere(secret: string): Promise<boolean> {
  return (await whoami(secret)) === 200 && (await whoami(secret, replica)) === 200;
}

async function eventsOf(target: string) {
  const { body } = await service.call('GET', `/v1/audit-log?target=${target}`, { secret: workspace.live.secret });
  return body.data;
}

describe('a refresh', () => {
  it('answers with an access token that works, and the next refresh token', async () => {
    const started = await signIn(person);
    const { status, body, headers } = await refresh(started.refreshToken);
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: expect.stringMatching(/^tokr_\w{43}$/),
    });
    expect(await isGoodEverywhere(body.access_token)).toBe(true);
    expect(body.refresh_token).not.toBe(started.refreshToken);
  });

  it('at two replicas at the same time gives the same next token', async () => {
    const started = await signIn(person);
    const answers = await Promise.all([refresh(started.refreshToken), refresh(started.refreshToken, replica)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
  });

  it('is refused in the same words whatever is wrong with the token', async () => {
    const [reused, ended, expired] = [await signIn(person), await signIn(person), await signIn(person)];
    await refresh((await refresh(reused.refreshToken)).body.refresh_token);
    await service.call('POST', '/v1/auth/logout', { secret: ended.accessToken });
    await context.db.$client`update sessions set expires_at = now() where id = ${idToUuid(expired.sessionId)}`;
    const tokens = [
      'x',
      generateSecret('refresh', context.random),
      reused.refreshToken,
      reused.refreshToken,
      ended.refreshToken,
      expired.refreshToken,
      workspace.live.secret,
      person.secret.slice(0, 1000),
    ];
    const answers = [];
    for (const token of tokens) {
      const { status, text, headers } = await refresh(token);
      const shown = [...headers].filter(([name]) => !/^(x-request-id|ratelimit)$/.test(name));
      answers.push({ status, text, shown });
    }
    expect(answers[0]?.status).toBe(401);
    expect(JSON.parse(answers[0]?.text ?? '').error).toBe('invalid_credentials');
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('that is refused is an event, without the token', async () => {
    const { sessionId, accessToken, refreshToken } = await signIn(person);
    await service.call('DELETE', `/v1/auth/sessions/${sessionId}`, { secret: accessToken });
    await refresh(refreshToken);
    const { body, text } = await service.call('GET', '/v1/audit-log?action=authentication.failed', {
      secret: workspace.live.secret,
    });
    expect(body.data).toContainEqual(
      expect.objectContaining({
        reason: 'refresh_token_ended',
        actor: { type: 'member', id: person.id, name: person.name },
      }),
    );
    expect(text).not.toContain('tokr_');
  });

  it('by reuse ends the session on every replica by the time it answers', async () => {
    const started = await signIn(person);
    const { body } = await refresh(started.refreshToken);
    await refresh(body.refresh_token);
    expect(await isGoodEverywhere(started.accessToken)).toBe(true);
    expect((await refresh(started.refreshToken)).status).toBe(401);
    expect(await whoami(started.accessToken, replica)).toBe(401);
    expect(await whoami(body.access_token, replica)).toBe(401);
    expect(await eventsOf(started.sessionId)).toMatchObject([{ action: 'session.refresh_reused' }]);
    // Other sessions of the member go on.
    expect(await whoami(person.secret, replica)).toBe(200);
  });

  it.each([
    [{}, 'refresh_token'],
    [{ refresh_token: 7 }, 'refresh_token'],
    [{ refresh_token: 'x'.repeat(1025) }, 'refresh_token'],
    [{ refresh_token: 'x', scope: 'all' }, 'scope'],
  ])('with %j says which field is wrong', async (json, path) => {
    const { status, body } = await service.call('POST', '/v1/auth/refresh', { json });
    expect([status, body.details?.[0]?.path]).toEqual([422, path]);
  });

  it('takes no credential in a header for the token in the body', async () => {
    const { status } = await service.call('POST', '/v1/auth/refresh', { secret: (await signIn(person)).refreshToken });
    expect(status).toBe(422);
  });
});

it('a source whose refreshes keep failing is slowed down, and one that has a good token is not', async () => {
  const limited = await createTestService(database, { TOOKEN_RATE_FAILURES: '2/3600s' });
  const started = await signIn(person);
  const failing = async () => (await refresh('x', limited)).status;
  expect([await failing(), await failing(), await failing()]).toEqual([401, 401, 429]);
  expect((await refresh(started.refreshToken, limited)).status).toBe(200);
});

describe('signing out', () => {
  it('ends the session on every replica by the time it answers', async () => {
    const { sessionId, accessToken, refreshToken } = await signIn(person);
    expect(await isGoodEverywhere(accessToken)).toBe(true);
    const { status, body } = await service.call('POST', '/v1/auth/logout', { secret: accessToken });
    expect([status, body]).toEqual([
      200,
      { effective: { replicas: expect.any(Number), waited_ms: expect.any(Number) } },
    ]);
    expect(await whoami(accessToken, replica)).toBe(401);
    expect((await refresh(refreshToken, replica)).status).toBe(401);
    expect(await eventsOf(sessionId)).toMatchObject([
      { action: 'member.signed_out', actor: { type: 'member', id: person.id }, environment: null },
    ]);
    // Once more: there is nobody to sign out.
    expect((await service.call('POST', '/v1/auth/logout', { secret: accessToken })).status).toBe(401);
  });

  it('is nothing for an API key', async () => {
    expect((await service.call('POST', '/v1/auth/logout', { secret: workspace.live.secret })).status).toBe(403);
  });
});

describe('the list of sessions', () => {
  it('shows where one is signed in, newest first, and which session asks', async () => {
    const me = await addPerson(service, workspace, { access: 'auditor' });
    await nextMillisecond();
    const other = await signIn(me);
    const { status, body } = await service.call('GET', '/v1/auth/sessions', { secret: me.secret });
    expect(status).toBe(200);
    expect(body.next_cursor).toBeNull();
    expect(body.data).toMatchObject([
      { id: other.sessionId, current: false, kind: 'api', last_seen_from: '192.0.2.7', user_agent: 'curl/8' },
      { id: me.sessionId, current: true, last_seen_from: null },
    ]);
    const first = await service.call('GET', '/v1/auth/sessions?limit=1', { secret: me.secret });
    const rest = await service.call('GET', `/v1/auth/sessions?limit=1&cursor=${first.body.next_cursor}`, {
      secret: me.secret,
    });
    expect([first.body.data[0].id, rest.body.data[0].id]).toEqual([other.sessionId, me.sessionId]);
    // The cursor is of this member's list.
    const strangers = await service.call('GET', `/v1/auth/sessions?cursor=${first.body.next_cursor}`, {
      secret: person.secret,
    });
    expect(strangers.status).toBe(400);
  });
});

describe('ending sessions', () => {
  it('ends the one that is named on every replica by the time it answers', async () => {
    const lost = await signIn(person);
    expect(await isGoodEverywhere(lost.accessToken)).toBe(true);
    const { status } = await service.call('DELETE', `/v1/auth/sessions/${lost.sessionId}`, { secret: person.secret });
    expect(status).toBe(200);
    expect(await whoami(lost.accessToken, replica)).toBe(401);
    expect(await whoami(person.secret, replica)).toBe(200);
  });

  it('of somebody else, of nobody, or by what is no id, is not found', async () => {
    const stranger = await addPerson(service, workspace, { access: 'owner' });
    const elsewhere = await addPerson(service, await service.addWorkspace('other'), { access: 'member' });
    for (const id of [stranger.sessionId, elsewhere.sessionId, newId('ses', context), 'x', person.id]) {
      const { status } = await service.call('DELETE', `/v1/auth/sessions/${id}`, { secret: person.secret });
      expect(status).toBe(404);
    }
    for (const { secret } of [stranger, elsewhere]) expect(await whoami(secret)).toBe(200);
  });

  it('all at once ends the present one too, on every replica by the time it answers', async () => {
    const me = await addPerson(service, workspace, { access: 'admin' });
    const other = await signIn(me);
    for (const secret of [me.secret, other.accessToken]) expect(await isGoodEverywhere(secret)).toBe(true);
    expect((await service.call('DELETE', '/v1/auth/sessions', { secret: me.secret })).status).toBe(200);
    for (const secret of [me.secret, other.accessToken]) expect(await whoami(secret, replica)).toBe(401);
    expect((await refresh(other.refreshToken, replica)).status).toBe(401);
    expect(await eventsOf(me.id)).toMatchObject([{ action: 'session.all_ended', actor: { id: me.id } }]);
  });

  it('of a member is for managers who have just proved who they are', async () => {
    const [me, admin] = [
      await addPerson(service, workspace, { access: 'member' }),
      await addPerson(service, workspace, { access: 'admin' }),
    ];
    const stale = await addPerson(service, workspace, { access: 'admin', authenticatedSecondsAgo: 601 });
    const owner = await addPerson(service, workspace, { access: 'owner' });
    const end = async (secret: string, { id }: Person) =>
      (await service.call('DELETE', `/v1/members/${id}/sessions`, { secret })).status;
    expect(await end(person.secret, me)).toBe(403);
    expect(await end(workspace.live.secret, me)).toBe(403);
    expect(await end(stale.secret, me)).toBe(401);
    expect(await end(admin.secret, owner)).toBe(403);
    for (const { secret } of [me, owner]) expect(await isGoodEverywhere(secret)).toBe(true);
    expect(await end(admin.secret, me)).toBe(200);
    expect(await whoami(me.secret, replica)).toBe(401);
    expect(await end(owner.secret, owner)).toBe(200);
    expect(await whoami(owner.secret, replica)).toBe(401);
  });
});

describe('the keys of access tokens', () => {
  it('are where the metadata says, may be kept for a while, and verify what we sign', async () => {
    const { body: metadata } = await service.call('GET', '/.well-known/oauth-authorization-server');
    expect(metadata.jwks_uri).toBe(`${metadata.issuer}/.well-known/jwks.json`);
    const { status, headers, body, text } = await service.call('GET', '/.well-known/jwks.json');
    expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=300']);
    const { payload, protectedHeader } = await jose.jwtVerify(person.secret, jose.createLocalJWKSet(body), {
      issuer: metadata.issuer,
      audience: metadata.issuer,
      typ: 'at+jwt',
      algorithms: ['EdDSA'],
    });
    expect(payload).toMatchObject({ sub: person.id, sid: person.sessionId, workspace: workspace.id });
    expect(protectedHeader.kid).toBe(body.keys[0].kid);
    expect(Object.keys(body.keys[0]).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    // The same at the other replica.
    expect((await replica.call('GET', '/.well-known/jwks.json')).text).toBe(text);
  });
});

it('a temporary token opens nothing', async () => {
  const now = context.clock.now();
  const temporary = context.accessTokens.signTemporary({
    challengeId: newId('chl', context),
    memberId: person.id,
    workspaceId: workspace.id,
    issuedAt: now,
    expiresAt: new Date(now.getTime() + 300_000),
  });
  expect(await whoami(temporary)).toBe(401);
});

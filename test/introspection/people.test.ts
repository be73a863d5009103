import { and, eq } from 'drizzle-orm';
import { beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import type { Transaction } from '../../src/db/connection.ts';
import { roles, visibilityGroups } from '../../src/db/schema/grouping.ts';
import { memberGroups, memberRoles, members } from '../../src/db/schema/members.ts';
import { sessions } from '../../src/db/schema/sessions.ts';
import { tokens } from '../../src/db/schema/tokens.ts';
import { ACCESS_LEVELS } from '../../src/identity/access-level.ts';
import { type GroupId, idToUuid, type MemberId, type RoleId, type SessionId, type TokenId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { sendToCore } from './adapters.ts';
import { createPeople } from './people.ts';
import { createWorld, type Issued } from './world.ts';

const database = await createTestDatabase();
const world = await createWorld(database.app);
const { services } = world;
const people = createPeople(services, world.workspaceId);
const key = await world.issueKey();

beforeAll(() => services.replica.start());

const ask = async (secret: string, caller: string = key.secret, headers: Record<string, string> = {}) => {
  const reply = await sendToCore(services)({
    path: '/v1/tokens/introspect',
    headers: { authorization: `Bearer ${caller}`, 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: `token=${secret}`,
  });
  return { status: reply.status, body: JSON.parse(reply.body) };
};

const app = createApp(services);
const whoami = async (secret: string, headers: Record<string, string> = {}) => {
  const response = await app.request('/v1/whoami', { headers: { authorization: `Bearer ${secret}`, ...headers } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

let count = 0;
const unique = (name: string) => `${name}-${count++}`;

describe('a token that a member owns', () => {
  let reader: RoleId;
  let writer: RoleId;
  let emea: GroupId;
  let owner: MemberId;
  let token: Issued<TokenId>;

  const answer = async () => (await ask(token.secret)).body;
  const scopes = async () => ((await answer()).scope ?? '').split(' ').filter(Boolean);

  /** What memory holds before each case. */
  async function prepare(own: readonly string[] = ['invoices:write', 'payments:read']) {
    reader = await people.addRole(unique('reader'), ['payments:read', 'invoices:read']);
    writer = await people.addRole(unique('writer'), ['invoices:write']);
    emea = await people.addGroup(unique('emea'));
    owner = await people.addMember({ email: `${unique('ada')}@example.com`, roles: [reader, writer], groups: [emea] });
    const issued = await world.issueToken({ scopes: own });
    await people.own(issued.id, owner);
    token = issued;
    expect((await answer()).active).toBe(true);
  }

  test('tells whose it is, and has what its owner has', async () => {
    await prepare();
    const [row] = await services.db
      .select()
      .from(members)
      .where(eq(members.id, idToUuid(owner)));
    expect(await answer()).toMatchObject({
      active: true,
      sub: owner,
      username: row?.email,
      jti: token.id,
      scope: 'invoices:read invoices:write payments:read',
      tooken: { owner, role: null, project: null, groups: [expect.stringMatching(/^emea-/)] },
    });
  });

  test('carries a role, whose scopes are its own', async () => {
    await prepare([]);
    expect(await scopes()).toEqual([]);
    const role = await people.addRole(unique('payer'), ['payments:write', 'invoices:read']);
    await people.own(token.id, owner, role);
    // The owner may not write payments.
    expect(await scopes()).toEqual(['invoices:read', 'payments:read']);
    expect((await answer()).tooken.role).toMatch(/^payer-/);
  });

  const of = (table: typeof members) => eq(table.id, idToUuid(owner));
  const changes: [string, (tx: Transaction) => Promise<unknown>, () => Promise<unknown>, unknown][] = [
    [
      'its owner loses a role',
      (tx) =>
        tx
          .delete(memberRoles)
          .where(and(eq(memberRoles.memberId, idToUuid(owner)), eq(memberRoles.roleId, idToUuid(writer)))),
      scopes,
      ['invoices:read', 'payments:read'],
    ],
    [
      'a role of its owner is narrowed',
      (tx) =>
        tx
          .update(roles)
          .set({ scopes: ['payments:read'] })
          .where(eq(roles.id, idToUuid(reader))),
      scopes,
      ['invoices:read', 'invoices:write', 'payments:read'],
    ],
    [
      'a role of its owner is deleted',
      (tx) => tx.delete(roles).where(eq(roles.id, idToUuid(writer))),
      scopes,
      ['invoices:read', 'payments:read'],
    ],
    [
      'its owner gets another email address',
      (tx) => tx.update(members).set({ email: 'new@example.com' }).where(of(members)),
      async () => (await answer()).username,
      'new@example.com',
    ],
    [
      'a group of its owner is renamed',
      (tx) =>
        tx
          .update(visibilityGroups)
          .set({ name: 'apac' })
          .where(eq(visibilityGroups.id, idToUuid(emea))),
      async () => (await answer()).tooken.groups,
      ['apac'],
    ],
    [
      'a group of its owner is deleted',
      (tx) => tx.delete(visibilityGroups).where(eq(visibilityGroups.id, idToUuid(emea))),
      async () => (await answer()).tooken.groups,
      [],
    ],
    [
      'its owner leaves a group',
      (tx) => tx.delete(memberGroups).where(eq(memberGroups.memberId, idToUuid(owner))),
      async () => (await answer()).tooken.groups,
      [],
    ],
    [
      'its owner is removed',
      (tx) => tx.update(members).set({ removedAt: new Date(), email: null }).where(of(members)),
      answer,
      { active: false },
    ],
  ];

  test.each(changes)('follows at once when %s', async (_what, work, look, expected) => {
    await prepare();
    await people.change(work);
    expect(await look()).toEqual(expected);
  });

  test('follows at once when its own role changes', async () => {
    const role = await people.addRole(unique('own'), ['a:write']);
    const { id, secret } = await world.issueToken();
    await people.change((tx) =>
      tx
        .update(tokens)
        .set({ roleId: idToUuid(role) })
        .where(eq(tokens.id, idToUuid(id))),
    );
    expect((await ask(secret)).body.scope).toBe('a:read a:write');
    await people.change((tx) =>
      tx
        .update(roles)
        .set({ scopes: ['a:read'] })
        .where(eq(roles.id, idToUuid(role))),
    );
    expect((await ask(secret)).body.scope).toBe('a:read');
  });

  test('lives again under another owner', async () => {
    await prepare();
    await people.change((tx) => tx.update(members).set({ removedAt: new Date(), email: null }).where(of(members)));
    expect((await answer()).active).toBe(false);
    const heir = await people.addMember({ roles: [reader] });
    await people.own(token.id, heir);
    expect(await answer()).toMatchObject({
      active: true,
      sub: heir,
      username: 'Ada',
      scope: 'invoices:read payments:read',
    });
  });

  test('introspects for owners and admins alone, whatever its scopes', async () => {
    const role = await people.addRole(unique('introspector'), ['tokens:introspect']);
    const statuses = await Promise.all(
      ACCESS_LEVELS.map(async (access) => {
        const issued = await world.issueToken({ scopes: ['tokens:introspect'] });
        await people.own(issued.id, await people.addMember({ access, roles: [role] }));
        return [access, (await ask('nothing', issued.secret)).status];
      }),
    );
    expect(Object.fromEntries(statuses)).toEqual({ owner: 200, admin: 200, member: 403, auditor: 403 });
  });
});

describe('a member who has signed in', () => {
  test('is who the access token says, with the rights that it has now', async () => {
    const role = await people.addRole(unique('seller'), ['orders:write']);
    const id = await people.addMember({ access: 'admin', roles: [role] });
    // What it was when it signed in is of no account.
    const { accessToken } = await people.signIn(id, { access: 'owner' });
    expect((await whoami(accessToken)).body).toMatchObject({
      kind: 'member',
      id,
      access: 'admin',
      workspace: world.workspaceId,
      environment: 'live',
      scopes: ['orders:read', 'orders:write'],
    });
  });

  test('chooses the environment, which a credential of the workspace can only confirm', async () => {
    const { accessToken } = await people.signIn(await people.addMember({ access: 'owner' }));
    const environment = async (secret: string, header: string) => {
      const { status, body } = await whoami(secret, { 'tooken-environment': header });
      return status === 200 ? body.environment : [status, body.error];
    };
    expect(await environment(accessToken, 'test')).toBe('test');
    expect(await environment(accessToken, 'live')).toBe('live');
    expect(await environment(key.secret, 'live')).toBe('live');
    for (const [secret, header] of [
      [accessToken, 'staging'],
      [accessToken, ''],
      [key.secret, 'test'],
    ] as const) {
      expect(await environment(secret, header)).toEqual([400, 'invalid_request']);
      expect((await ask('nothing', secret, { 'tooken-environment': header })).status).toBe(400);
    }
  });

  test('introspects if it manages the workspace', async () => {
    const { secret } = await world.issueToken({ environment: 'test' });
    const outcomes = await Promise.all(
      ACCESS_LEVELS.map(async (access) => {
        const { accessToken } = await people.signIn(await people.addMember({ access }));
        const { status, body } = await ask(secret, accessToken, { 'tooken-environment': 'test' });
        return [access, status === 200 ? body.active : body.error];
      }),
    );
    expect(Object.fromEntries(outcomes)).toEqual({
      owner: true,
      admin: true,
      member: 'forbidden',
      auditor: 'forbidden',
    });
  });

  const ends: [string, (tx: Transaction, member: MemberId, session: SessionId) => Promise<unknown>][] = [
    [
      'the session is ended',
      (tx, _, id) =>
        tx
          .update(sessions)
          .set({ endedAt: new Date() })
          .where(eq(sessions.id, idToUuid(id))),
    ],
    ['the session is deleted', (tx, _, id) => tx.delete(sessions).where(eq(sessions.id, idToUuid(id)))],
    [
      'the generation is raised',
      (tx, id) =>
        tx
          .update(members)
          .set({ generation: 2 })
          .where(eq(members.id, idToUuid(id))),
    ],
    [
      'the member is removed',
      (tx, id) =>
        tx
          .update(members)
          .set({ removedAt: new Date() })
          .where(eq(members.id, idToUuid(id))),
    ],
  ];

  test.each(ends)('is nobody from the moment on in which %s', async (_what, end) => {
    const member = await people.addMember({ access: 'owner' });
    const { id, accessToken } = await people.signIn(member);
    expect((await whoami(accessToken)).status).toBe(200);
    await people.change((tx) => end(tx, member, id));
    const { status, body } = await whoami(accessToken);
    expect([status, body]).toEqual([401, { error: 'unauthorized', message: 'Invalid or missing API key' }]);
  });

  test('is nobody from the very second on in which the access token ends', async () => {
    const end = new Date(world.clock.time.getTime() + 60_000);
    const { accessToken } = await people.signIn(await people.addMember({ access: 'owner' }), { expiresAt: end });
    const before = world.clock.time;
    world.clock.time = new Date(end.getTime() - 1);
    expect((await whoami(accessToken)).status).toBe(200);
    world.clock.time = end;
    expect((await whoami(accessToken)).status).toBe(401);
    world.clock.time = before;
  });

  test('is nobody with a session of somebody else, or of nobody', async () => {
    const [ada, bob] = [await people.addMember({ access: 'owner' }), await people.addMember({ access: 'owner' })];
    const { id } = await people.signIn(ada);
    const forged = await people.signIn(bob, { sessionId: id });
    expect((await whoami(forged.accessToken)).status).toBe(401);
    const unknown = 'ses_01kav3c4r8e0jbwn7sgm5zkqd2' as SessionId;
    expect((await whoami((await people.signIn(bob, { sessionId: unknown })).accessToken)).status).toBe(401);
  });

  test('is not known by the id of the session, nor as a token', async () => {
    const { id, accessToken } = await people.signIn(await people.addMember({ access: 'owner' }));
    expect((await whoami(accessToken)).status).toBe(200);
    expect((await whoami(id)).status).toBe(401);
    expect((await ask(id)).body).toEqual({ active: false });
    expect((await ask(accessToken)).body).toEqual({ active: false });
    expect((await ask(id, accessToken)).body).toEqual({ active: false });
    expect((await whoami(accessToken, { 'x-api-key': accessToken, authorization: '' })).status).toBe(400);
  });
});

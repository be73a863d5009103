import { describe, expect, it } from 'vitest';
import { inTransaction } from '../../src/db/connection.ts';
import { createLink } from '../../src/identity/links/links.ts';
import { idToUuid } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { createMembersWorld, secretOf, sorted } from './members-world.ts';
import { PASSWORD } from './sign-in-world.ts';

const world = await createMembersWorld(await createTestDatabase(), { TOOKEN_PUBLIC_URL: 'https://id.example.com' });
const { service, members, addTeam, eventsOf } = world;

const accept = (json: object, headers: Record<string, string> = {}) =>
  service.call('POST', '/v1/members/invitations/accept', { json, headers });

let guests = 0;
const newEmail = () => {
  guests += 1;
  return `guest${guests}@example.org`;
};

describe('inviting', () => {
  it('makes a member who joins by a link of our own address, whatever host the request names', async () => {
    const { workspace, owner } = await addTeam();
    const role = await world.addRole(workspace, 'billing');
    const json = { email: ' Grace.Hopper@Example.com ', access: 'admin', roles: [role] };
    const { status, body } = await members(owner, 'POST', '/invitations', json, {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
    });
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { member: { name: 'grace.hopper', email: 'grace.hopper@example.com', status: 'invited', access: 'admin' } },
    });
    expect(body.link.url).toMatch(/^https:\/\/id\.example\.com\/link#tokl_[0-9A-Za-z]{43}$/);
    expect(Date.parse(body.link.expires_at) - world.time.now.getTime()).toBe(72 * 3600 * 1000);
    const [event] = await eventsOf(workspace, body.member.id);
    expect(event).toMatchObject({ action: 'member.invited', actor: { id: owner.id } });
    expect(event?.changes).toContainEqual({ field: 'roles', old: null, new: [role] });
  });

  it('keeps no secret: neither in the database nor in the log', async () => {
    const { owner } = await addTeam();
    const secret = secretOf(await members(owner, 'POST', '/invitations', { email: newEmail(), access: 'member' }));
    const [row] = await world.sql<{ found: number }[]>`
      select (select count(*) from member_links l where l::text like ${`%${secret}%`})
        + (select count(*) from audit_events e where convert_from(e.leaf, 'UTF8') like ${`%${secret}%`})
        + (select count(*) from audit_private p where p::text like ${`%${secret}%`}) as found`;
    expect(Number(row?.found)).toBe(0);
  });

  it('makes one member of one address, also of two requests at once', async () => {
    const { owner, admin } = await addTeam();
    const invite = { email: newEmail(), access: 'member' };
    const answers = await Promise.all(
      [owner, admin, owner, admin].map((by) => members(by, 'POST', '/invitations', invite)),
    );
    expect(sorted(answers)).toEqual([201, 409, 409, 409]);
  });

  it('answers a retry with the same link, and not to who may not help owners any more', async () => {
    const { workspace, owner } = await addTeam();
    const other = await world.addPerson(workspace, 'owner');
    const json = { email: newEmail(), access: 'owner' };
    const invite = () => members(other, 'POST', '/invitations', json, { 'idempotency-key': 'abcdefghijklmnop' });
    const first = await invite();
    expect((await invite()).body).toEqual(first.body);
    await members(owner, 'PATCH', `/${other.id}`, { access: 'admin' });
    expect((await invite()).status).toBe(403);
  });

  it('again makes another link, and the one before is dead', async () => {
    const { workspace, owner } = await addTeam();
    const first = await members(owner, 'POST', '/invitations', { email: newEmail(), access: 'member' });
    const second = await members(owner, 'POST', `/${first.body.member.id}/invitation`);
    expect(second.status).toBe(201);
    expect((await accept({ token: secretOf(first), password: PASSWORD })).status).toBe(401);
    expect((await accept({ token: secretOf(second), password: PASSWORD })).status).toBe(200);
    const actions = (await eventsOf(workspace, first.body.member.id)).map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['member.joined', 'member.invited', 'member.invited']));
    expect((await members(owner, 'POST', `/${first.body.member.id}/invitation`)).status).toBe(409);
  });
});

describe('accepting an invitation', () => {
  it('sets the password and a name, after which one signs in, and nobody is signed in by it', async () => {
    const { workspace, owner } = await addTeam();
    const email = newEmail();
    const invited = await members(owner, 'POST', '/invitations', { email, access: 'member', name: 'Guest' });
    const answer = await accept({ token: secretOf(invited), password: PASSWORD, name: 'Ada' });
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: 200,
      body: {
        member: { id: invited.body.member.id, name: 'Ada', email, access: 'member' },
        workspace: { id: workspace.id, name: expect.any(String) },
      },
    });
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect((await world.login(email, PASSWORD, { workspace: workspace.id })).status).toBe(200);
    expect((await members(owner, 'GET', `/${invited.body.member.id}`)).body).toMatchObject({ status: 'active' });
    const events = await eventsOf(workspace, invited.body.member.id);
    expect(events.find(({ action }) => action === 'member.joined')).toMatchObject({
      actor: { type: 'member', id: invited.body.member.id },
      changes: [{ field: 'name', old: 'Guest', new: 'Ada' }],
    });
  });

  it('works for one of several at once', async () => {
    const { owner } = await addTeam();
    const invited = await members(owner, 'POST', '/invitations', { email: newEmail(), access: 'member' });
    const passwords = [1, 2, 3, 4].map((n) => `${PASSWORD} ${n}`);
    const answers = await Promise.all(passwords.map((password) => accept({ token: secretOf(invited), password })));
    expect(sorted(answers)).toEqual([200, 401, 401, 401]);
    const winner = passwords[answers.findIndex(({ status }) => status === 200)] ?? '';
    const { workspaceId } = owner;
    expect((await world.login(invited.body.member.email, winner, { workspace: workspaceId })).status).toBe(200);
  });

  it('is refused in the same words whatever is wrong with the link', async () => {
    const { workspace, owner } = await addTeam();
    const invite = async () => members(owner, 'POST', '/invitations', { email: newEmail(), access: 'member' });
    const [used, removed, renamed, expired] = [await invite(), await invite(), await invite(), await invite()];
    await accept({ token: secretOf(used), password: PASSWORD });
    await members(owner, 'DELETE', `/${removed.body.member.id}`);
    await members(owner, 'PATCH', `/${renamed.body.member.id}`, { email: newEmail() });
    await world.sql`update member_links set expires_at = ${world.time.now.toISOString()}
      where member_id = ${idToUuid(expired.body.member.id)}`;
    const person = await world.addMember(workspace);
    const reset = await members(owner, 'POST', `/${person.id}/password-reset`);
    const unknown = `tokl_${'x'.repeat(43)}`;
    const tokens = [...[used, removed, renamed, expired, reset].map(secretOf), unknown, 'nonsense', ''];
    const answers = await Promise.all(tokens.map((token) => accept({ token, password: PASSWORD })));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 401, body: { error: 'invalid_credentials' } });
    const [refused] = (await eventsOf(workspace, used.body.member.id)).filter(
      ({ action }) => action === 'authentication.failed',
    );
    expect(refused).toMatchObject({ reason: 'invalid_link', actor: { type: 'anonymous' } });
  });

  it('leaves the link as it was where something else is to be mended', async () => {
    const { owner } = await addTeam();
    const email = newEmail();
    const invited = await members(owner, 'POST', '/invitations', { email, access: 'member' });
    const token = secretOf(invited);
    for (const wrong of [
      { password: 'short' },
      { password: 'passwordpassword' },
      { password: `${email}!` },
      { password: PASSWORD, name: ' ' },
      { password: PASSWORD, email: 'other@example.com' },
      { password: PASSWORD, access: 'owner' },
    ]) {
      expect((await accept({ token, ...wrong })).status).toBe(422);
    }
    expect((await accept({ token, password: PASSWORD })).status).toBe(200);
  });

  it('asks the first owner, who has none, for an email, and takes none that is taken', async () => {
    const { workspace, owner } = await addTeam();
    const person = await world.addPerson(workspace, 'owner');
    await world.sql`update members set email = null, joined_at = null where id = ${idToUuid(person.id)}`;
    const { secret: token } = await inTransaction(service.context.db, (tx) =>
      createLink(tx, service.context, { memberId: person.id, kind: 'set_up', createdBy: 'system' }),
    );
    const missing = await accept({ token, password: PASSWORD });
    expect({ status: missing.status, details: missing.body.details }).toMatchObject({
      status: 422,
      details: [{ path: 'email' }],
    });
    expect((await accept({ token, password: PASSWORD, email: owner.email })).status).toBe(409);
    const email = newEmail();
    expect((await accept({ token, password: PASSWORD, email })).status).toBe(200);
    expect((await world.login(email, PASSWORD, { workspace: workspace.id })).status).toBe(200);
  });

  it('is slowed down for a source that keeps failing, which never refuses a good link', async () => {
    const limited = await createMembersWorld(await createTestDatabase(), { TOOKEN_RATE_FAILURES: '3/3600s' });
    const { owner } = await limited.addTeam();
    const invited = await limited.members(owner, 'POST', '/invitations', { email: newEmail(), access: 'member' });
    const tryToken = (token: string) =>
      limited.service.call('POST', '/v1/members/invitations/accept', { json: { token, password: PASSWORD } });
    const statuses = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await tryToken('wrong')).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect((await tryToken(secretOf(invited))).status).toBe(200);
  });
});

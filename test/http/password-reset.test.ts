import { describe, expect, it } from 'vitest';
import { idToUuid } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { secretIn, startMailbox } from './mailbox.ts';
import { createMembersWorld, secretOf, sorted } from './members-world.ts';
import { PASSWORD, shapeOf, WRONG } from './sign-in-world.ts';

const mailbox = await startMailbox();
const database = await createTestDatabase();
const world = await createMembersWorld(database, { TOOKEN_PUBLIC_URL: 'https://id.example.com' }, mailbox.smtp);
const { service, members, addTeam, eventsOf } = world;

const NEW = 'a quite different lake at noon';
const LINK = /\/link#tokl_/;
let address = 0;
/** From another source each time, unless it is said: how many mails one may ask for is limited. */
function forgot(email: string, workspace?: string, from?: string) {
  address += 1;
  const options = {
    json: { email, ...(workspace !== undefined && { workspace }) },
    address: from ?? `192.0.2.${address}`,
  };
  return service.call('POST', '/v1/auth/password/forgot', options);
}
const reset = (token: string, password = NEW) =>
  service.call('POST', '/v1/auth/password/reset', { json: { token, password } });

describe('a forgotten password', () => {
  it('is set anew by a link that comes by mail, which ends all sessions and the lock, and not the second factor', async () => {
    const { workspace } = await addTeam();
    const person = await world.addMember(workspace);
    const { code } = await world.addSecondFactor(person.id);
    for (let n = 0; n < 5; n += 1) await world.login(person.email, WRONG, { workspace: workspace.id });
    expect((await world.login(person.email, PASSWORD, { workspace: workspace.id })).status).toBe(423);

    expect((await forgot(person.email.toUpperCase(), workspace.id)).status).toBe(202);
    const letter = await mailbox.until(person.email, LINK);
    expect(letter).toContain('https://id.example.com/link#');
    const { status, body } = await reset(secretIn(letter));
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { member: { id: person.id }, workspace: { id: workspace.id }, effective: { replicas: 1 } },
    });
    expect((await service.call('GET', '/v1/whoami', { secret: person.secret })).status).toBe(401);
    expect((await world.login(person.email, PASSWORD, { workspace: workspace.id })).status).toBe(401);
    const signingIn = await world.login(person.email, NEW, { workspace: workspace.id });
    expect(signingIn.body.requires_totp).toBe(true);
    expect((await world.verify(signingIn.body.temp_token, code())).status).toBe(200);

    expect(await mailbox.until(person.email, /password was changed/i)).toContain('every session');
    const events = await eventsOf(workspace, person.id);
    expect(events.find(({ action }) => action === 'member.password_forgotten')?.actor.type).toBe('anonymous');
    expect(events.find(({ action }) => action === 'member.password_reset')?.actor.id).toBe(person.id);
  });

  it('is answered in the same bytes whether or not anybody has the address', async () => {
    const { workspace } = await addTeam();
    const [person, invited] = [await world.addMember(workspace), await world.addMember(workspace)];
    await world.sql`update members set joined_at = null, password_hash = null where id = ${idToUuid(invited.id)}`;
    const answers = [
      await forgot(person.email, workspace.id),
      await forgot(invited.email, workspace.id),
      await forgot('nobody@example.com', workspace.id),
      await forgot(person.email, 'no such workspace'),
      await forgot('nonsense', workspace.id),
    ].map(shapeOf);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]?.status).toBe(202);
    await mailbox.until(person.email, LINK);
    // What is done is done in order, so this one's letter comes after all that there would be.
    const last = await world.addMember(workspace);
    await forgot(last.email, workspace.id);
    await mailbox.until(last.email, LINK);
    for (const email of [invited.email, 'nobody@example.com']) expect(mailbox.to(email)).toEqual([]);
    expect(mailbox.to(person.email, LINK)).toHaveLength(1);
  });

  it('asks which workspace is meant where there are several, whoever asks', async () => {
    const { workspace } = await addTeam();
    await addTeam();
    const person = await world.addMember(workspace);
    for (const email of [person.email, 'nobody@example.com']) {
      const { status, body } = await forgot(email);
      expect({ status, details: body.details }).toMatchObject({ status: 422, details: [{ path: 'workspace' }] });
    }
  });

  it('fills nobody’s mailbox, and leaves a link that was just sent', async () => {
    const { workspace } = await addTeam();
    const person = await world.addMember(workspace);
    await Promise.all(Array.from({ length: 10 }, () => forgot(person.email, workspace.id)));
    const first = secretIn(await mailbox.until(person.email, LINK));
    const last = await world.addMember(workspace);
    await forgot(last.email, workspace.id);
    await mailbox.until(last.email, LINK);
    expect(mailbox.to(person.email, LINK)).toHaveLength(1);
    world.pass(601);
    await forgot(person.email, workspace.id);
    const second = secretIn(await mailbox.until(person.email, LINK, 2));
    expect([(await reset(first)).status, (await reset(second)).status]).toEqual([401, 200]);
  });

  it('is asked for no more than thirty times in ten minutes from one source', async () => {
    const { workspace } = await addTeam();
    const statuses = [];
    for (let n = 0; n < 31; n += 1) statuses.push((await forgot('x@example.com', workspace.id, '198.51.100.7')).status);
    expect(statuses.slice(0, 30).every((status) => status === 202)).toBe(true);
    expect(statuses[30]).toBe(429);
  });

  it('says whom to ask where no mail is sent', async () => {
    const other = await createMembersWorld(await createTestDatabase());
    const { workspace } = await other.addTeam();
    const json = { email: 'x@example.com', workspace: workspace.id };
    const { status, body } = await other.service.call('POST', '/v1/auth/password/forgot', { json });
    expect({ status, message: body.message }).toEqual({
      status: 202,
      message: expect.stringMatching(/owner or admin/),
    });
  });
});

describe('a link to set a new password', () => {
  it('works for one of several at once, and not for joining', async () => {
    const { workspace, admin } = await addTeam();
    const person = await world.addMember(workspace);
    const token = secretOf(await members(admin, 'POST', `/${person.id}/password-reset`));
    const json = { token, password: NEW };
    expect((await service.call('POST', '/v1/members/invitations/accept', { json })).status).toBe(401);
    const answers = await Promise.all([1, 2, 3, 4].map((n) => reset(token, `${NEW} ${n}`)));
    expect(sorted(answers)).toEqual([200, 401, 401, 401]);
    const winner = answers.findIndex(({ status }) => status === 200) + 1;
    expect((await world.login(person.email, `${NEW} ${winner}`, { workspace: workspace.id })).status).toBe(200);
  });

  it('is made by an admin for a member who has joined, told of, and sent by mail too', async () => {
    const { workspace, owner, admin } = await addTeam();
    const person = await world.addMember(workspace);
    const { status, body } = await members(admin, 'POST', `/${person.id}/password-reset`);
    expect(status).toBe(201);
    expect(await mailbox.until(person.email, LINK)).toContain(body.link.url);
    const [event] = await eventsOf(workspace, person.id);
    expect(event).toMatchObject({ action: 'member.reset_link_created', actor: { id: admin.id } });
    const invited = await members(owner, 'POST', '/invitations', { email: 'new@example.com', access: 'member' });
    expect((await members(owner, 'POST', `/${invited.body.member.id}/password-reset`)).status).toBe(409);
  });

  it('is not replaced by strangers who say that they have forgotten the password', async () => {
    const { workspace, admin } = await addTeam();
    const person = await world.addMember(workspace);
    const token = secretOf(await members(admin, 'POST', `/${person.id}/password-reset`));
    await mailbox.until(person.email, LINK);
    await world.sql`
      update member_links set created_at = created_at - interval '1 hour' where member_id = ${idToUuid(person.id)}`;
    await forgot(person.email, workspace.id);
    const last = await world.addMember(workspace);
    await forgot(last.email, workspace.id);
    await mailbox.until(last.email, LINK);
    expect(mailbox.to(person.email, LINK)).toHaveLength(1);
    expect((await reset(token)).status).toBe(200);
  });

  it('is good until it expires, and survives a password that is refused', async () => {
    const { workspace, admin } = await addTeam();
    const person = await world.addMember(workspace);
    const token = secretOf(await members(admin, 'POST', `/${person.id}/password-reset`));
    expect((await reset(token, 'short')).status).toBe(422);
    const endsIn = async (seconds: number) => {
      const expiresAt = new Date(world.time.now.getTime() + seconds * 1000).toISOString();
      await world.sql`update member_links set expires_at = ${expiresAt} where member_id = ${idToUuid(person.id)}`;
    };
    await endsIn(1);
    expect((await reset(token, person.email)).status).toBe(422);
    await endsIn(0);
    expect((await reset(token)).status).toBe(401);
  });

  it('is dead once the member has another address, which the one before is told', async () => {
    const { workspace, admin } = await addTeam();
    const person = await world.addMember(workspace);
    const token = secretOf(await members(admin, 'POST', `/${person.id}/password-reset`));
    await members(admin, 'PATCH', `/${person.id}`, { email: `new-${person.email}` });
    expect((await reset(token)).status).toBe(401);
    expect(await mailbox.until(person.email, /email address was changed/i)).not.toContain('tokl_');
  });
});

describe('a link that somebody has made who may not make it any more', () => {
  const join = (token: string) =>
    service.call('POST', '/v1/members/invitations/accept', { json: { token, password: NEW } });

  it('does not open the account of an owner, which its member has become', async () => {
    const { workspace, owner, admin } = await addTeam();
    const person = await world.addMember(workspace);
    const made = secretOf(await members(admin, 'POST', `/${person.id}/password-reset`));
    const email = `guest-of-${workspace.id}@example.org`;
    const invited = await members(admin, 'POST', '/invitations', { email, access: 'member' });
    for (const id of [person.id, invited.body.member.id]) {
      expect((await members(owner, 'PATCH', `/${id}`, { access: 'owner' })).status).toBe(200);
    }
    expect([(await reset(made)).status, (await join(secretOf(invited))).status]).toEqual([401, 401]);
    const again = secretOf(await members(owner, 'POST', `/${invited.body.member.id}/invitation`));
    expect((await join(again)).status).toBe(200);
  });

  it.each([
    ['was removed', 'DELETE', undefined],
    ['was demoted', 'PATCH', { access: 'member' }],
  ])('is dead if that member %s, and others are not', async (_, method, json) => {
    const { workspace, owner, admin } = await addTeam();
    const [person, other] = [await world.addMember(workspace), await world.addMember(workspace)];
    const made = secretOf(await members(admin, 'POST', `/${person.id}/password-reset`));
    const others = secretOf(await members(owner, 'POST', `/${other.id}/password-reset`));
    expect((await members(owner, method, `/${admin.id}`, json)).status).toBe(200);
    expect([(await reset(made)).status, (await reset(others)).status]).toEqual([401, 200]);
  });
});

describe('an invitation', () => {
  it('is sent by mail, too, with the names on one line each', async () => {
    const { owner } = await addTeam();
    await members(owner, 'PATCH', `/${owner.id}`, { name: 'Eve\r\nBcc: all@example.com' });
    const { body } = await members(owner, 'POST', '/invitations', { email: 'mail@example.org', access: 'member' });
    const letter = await mailbox.until('mail@example.org', LINK);
    expect(letter).toContain(body.link.url);
    expect(letter).not.toMatch(/^Bcc:/m);
  });
});

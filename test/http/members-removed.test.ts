import { describe, expect, it } from 'vitest';
import { idToUuid } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { addPerson, giveRole } from '../support/people.ts';
import { createMembersWorld } from './members-world.ts';

const world = await createMembersWorld(await createTestDatabase());
const { service, members, addTeam, eventsOf } = world;

describe('removing a member', () => {
  it('ends its session and its tokens, and what it had, by the time it answers', async () => {
    const { workspace, owner } = await addTeam();
    const person = await addPerson(service, workspace, { access: 'member', scopes: ['invoices:read'] });
    await world.addSecondFactor(person.id);
    const issued = await service.call('POST', '/v1/tokens', {
      secret: workspace.live.secret,
      json: { name: 'own', scopes: ['invoices:read'], owner: person.id },
    });
    const introspect = async () => {
      const json = { token: issued.body.secret };
      return (await service.call('POST', '/v1/tokens/introspect', { secret: workspace.live.secret, json })).body.active;
    };
    expect(await introspect()).toBe(true);
    const { status, body } = await members(owner, 'DELETE', `/${person.id}`);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        member: { id: person.id, name: person.name, email: null, status: 'removed', roles: [], totp_enabled: false },
        effective: { replicas: 1 },
      },
    });
    expect(await introspect()).toBe(false);
    expect((await service.call('GET', '/v1/whoami', { secret: person.secret })).status).toBe(401);
    const [left] = await world.sql`
      select (select end_reason from sessions where member_id = m.id and ended_at is not null) as ended, generation,
        (select count(*)::int from member_totp where member_id = m.id) as second_factors,
        (select count(*)::int from recovery_codes where member_id = m.id) as codes
      from members m where m.id = ${idToUuid(person.id)}`;
    expect(left).toEqual({ ended: 'member_removed', generation: 2, second_factors: 0, codes: 0 });
    const [event] = await eventsOf(workspace, person.id);
    expect(event).toMatchObject({ action: 'member.removed', actor: { id: owner.id } });
    expect(event?.changes.map(({ field }) => field)).toEqual(['email', 'access', 'roles']);
  });

  it('changes nothing the second time, and answers the same', async () => {
    const { workspace, owner, admin } = await addTeam();
    const [first, second] = [
      await members(owner, 'DELETE', `/${admin.id}`),
      await members(owner, 'DELETE', `/${admin.id}`),
    ];
    expect(second.status).toBe(200);
    expect(second.body.member).toEqual(first.body.member);
    expect(await eventsOf(workspace, admin.id)).toHaveLength(1);
  });

  it('leaves a member that is read and no longer changed, listed only if asked for', async () => {
    const { owner, admin } = await addTeam();
    await members(owner, 'DELETE', `/${admin.id}`);
    expect((await members(owner, 'GET', `/${admin.id}`)).body.status).toBe('removed');
    expect((await members(owner, 'PATCH', `/${admin.id}`, { name: 'x' })).status).toBe(409);
    expect((await members(owner, 'GET')).body.data).toHaveLength(1);
    expect((await members(owner, 'GET', '?status=removed')).body.data).toMatchObject([{ id: admin.id }]);
  });

  it('leaves a name that goes when its personal data is erased, and not before', async () => {
    const { owner, admin } = await addTeam();
    const erase = () =>
      service.call('POST', '/v1/audit-log/erasures', {
        secret: owner.secret,
        json: { subject: { type: 'member', id: admin.id } },
      });
    const nameOf = async () => (await members(owner, 'GET', `/${admin.id}`)).body.name;
    await erase();
    expect(await nameOf()).toBe(admin.name);
    await members(owner, 'DELETE', `/${admin.id}`);
    expect(await nameOf()).toBe(admin.name);
    expect((await erase()).status).toBe(200);
    expect(await nameOf()).toBe('removed member');
  });

  it('frees the address', async () => {
    const { owner, admin } = await addTeam();
    await members(owner, 'DELETE', `/${admin.id}`);
    const again = await members(owner, 'POST', '/invitations', { email: admin.email, access: 'admin' });
    expect(again.status).toBe(201);
    expect(again.body.member.id).not.toBe(admin.id);
  });

  it('forgets its roles, so that they can be deleted', async () => {
    const { workspace, owner } = await addTeam();
    const person = await world.addPerson(workspace, 'member');
    const role = await giveRole(service, person, ['invoices:read']);
    const { secret } = owner;
    expect((await service.call('DELETE', `/v1/roles/${role}`, { secret })).status).toBe(409);
    await members(owner, 'DELETE', `/${person.id}`);
    expect((await service.call('DELETE', `/v1/roles/${role}`, { secret })).status).toBe(204);
  });
});

import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { addPerson } from '../support/people.ts';
import { createMembersWorld } from './members-world.ts';

const world = await createMembersWorld(await createTestDatabase());
const { service, members, addTeam, eventsOf } = world;

describe('reading members', () => {
  it('lists them newest first, page by page, each once', async () => {
    const { workspace, owner, admin } = await addTeam();
    const people = [owner, admin];
    for (let n = 0; n < 3; n += 1) people.push(await addPerson(service, workspace, { access: 'member' }));
    const seen: { readonly id: string; readonly created_at: string }[] = [];
    let cursor = '';
    do {
      const { body } = await members(owner, 'GET', `?limit=2${cursor}`);
      seen.push(...body.data);
      cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`;
    } while (cursor !== '');
    expect(seen.map(({ id }) => id).sort()).toEqual(people.map(({ id }) => id).sort());
    const times = seen.map(({ created_at }) => created_at);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('finds them by access, status, role, group, and part of a name or email', async () => {
    const { workspace, owner, admin } = await addTeam();
    const [role, group] = [await world.addRole(workspace, 'billing'), await world.addGroup(workspace, 'berlin')];
    const made = await members(owner, 'POST', '', { name: '100% Sync_bot', roles: [role], groups: [group] });
    const invited = await members(owner, 'POST', '/invitations', { email: 'Grace@Example.com', access: 'auditor' });
    const found = async (query: string) => {
      const { body } = await members(admin, 'GET', query);
      return body.data.map(({ id }: { id: string }) => id);
    };
    expect(await found('?access=owner')).toEqual([owner.id]);
    expect(await found('?status=invited')).toEqual([invited.body.member.id]);
    expect((await found('?status=active')).sort()).toEqual([made.body.id, admin.id, owner.id].sort());
    expect(await found(`?role=${role}`)).toEqual([made.body.id]);
    expect(await found(`?group=${group}`)).toEqual([made.body.id]);
    expect(await found('?q=GRACE%40ex')).toEqual([invited.body.member.id]);
    expect(await found('?q=100%25')).toEqual([made.body.id]);
    expect(await found('?q=c_b')).toEqual([made.body.id]);
    expect(await found('?q=x_b')).toEqual([]);
    expect(await found('?status=removed')).toEqual([]);
  });

  it('takes no cursor of another filter, workspace or making', async () => {
    const [one, other] = [await addTeam(), await addTeam()];
    const { body } = await members(one.owner, 'GET', '?limit=1');
    for (const [by, query] of [
      [one.owner, `?limit=1&access=admin&cursor=${body.next_cursor}`],
      [other.owner, `?limit=1&cursor=${body.next_cursor}`],
      [one.owner, '?cursor=nonsense'],
    ] as const) {
      expect((await members(by, 'GET', query)).status).toBe(400);
    }
  });

  it('knows nobody of another workspace', async () => {
    const [one, other] = [await addTeam(), await addTeam()];
    for (const [method, path, json] of [
      ['GET', `/${other.admin.id}`],
      ['PATCH', `/${other.admin.id}`, { name: 'mine' }],
      ['DELETE', `/${other.admin.id}`],
      ['POST', `/${other.admin.id}/invitation`],
      ['POST', `/${other.admin.id}/password-reset`],
    ] as const) {
      expect((await members(one.owner, method, path, json)).status).toBe(404);
    }
    expect((await members(other.owner, 'GET', `/${other.admin.id}`)).body).toMatchObject({ name: other.admin.name });
  });
});

describe('accounts that cannot sign in', () => {
  it('are active members with roles and groups, of which an event tells', async () => {
    const { workspace, admin } = await addTeam();
    const role = await world.addRole(workspace, 'billing');
    const { status, body } = await members(admin, 'POST', '', { name: ' Sync ', roles: [role, role] });
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { name: 'Sync', email: null, access: 'member', status: 'active', can_sign_in: false, created_by: admin.id },
    });
    expect(body.roles).toEqual([{ id: role, name: 'billing' }]);
    expect(await eventsOf(workspace, body.id)).toMatchObject([{ action: 'member.created', actor: { id: admin.id } }]);
  });

  it('are made once per Idempotency-Key', async () => {
    const { admin } = await addTeam();
    const key = { 'idempotency-key': '1234567890abcdef' };
    const create = () => members(admin, 'POST', '', { name: 'Sync' }, key);
    const [first, second] = [await create(), await create()];
    expect(second.body.id).toBe(first.body.id);
    expect((await members(admin, 'GET', '?q=Sync')).body.data).toHaveLength(1);
  });

  it('get neither an email nor the access of an owner, and no link', async () => {
    const { owner } = await addTeam();
    const { body } = await members(owner, 'POST', '', { name: 'Sync' });
    for (const change of [{ email: 'sync@example.com' }, { access: 'owner' }]) {
      expect((await members(owner, 'PATCH', `/${body.id}`, change)).status).toBe(422);
    }
    expect((await members(owner, 'POST', `/${body.id}/invitation`)).status).toBe(409);
    expect((await members(owner, 'POST', `/${body.id}/password-reset`)).status).toBe(409);
  });
});

describe('changing a member', () => {
  it('changes what is given, says where it holds, and leaves an event with what has changed', async () => {
    const { workspace, owner } = await addTeam();
    const person = await world.addPerson(workspace, 'member');
    const [one, two] = [await world.addRole(workspace, 'one'), await world.addRole(workspace, 'two')];
    const group = await world.addGroup(workspace, 'berlin');
    await members(owner, 'PATCH', `/${person.id}`, { roles: [one] });
    const { status, body } = await members(owner, 'PATCH', `/${person.id}`, {
      name: 'Ada',
      email: 'ADA@example.com',
      access: 'auditor',
      roles: [two],
      groups: [group],
    });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { name: 'Ada', email: 'ada@example.com', access: 'auditor', effective: { replicas: 1 } },
    });
    expect(body.roles).toEqual([{ id: two, name: 'two' }]);
    expect(body.groups).toEqual([{ id: group, name: 'berlin' }]);
    const [event] = await eventsOf(workspace, person.id);
    expect(event).toMatchObject({
      action: 'member.updated',
      changes: [
        { field: 'name', old: person.name, new: 'Ada' },
        { field: 'email', old: person.email, new: 'ada@example.com' },
        { field: 'access', old: 'member', new: 'auditor' },
        { field: 'roles', old: [one], new: [two] },
        { field: 'groups', old: [], new: [group] },
      ],
    });
  });

  it('keeps names and addresses out of the leaf', async () => {
    const { owner, admin } = await addTeam();
    await members(owner, 'PATCH', `/${admin.id}`, { name: 'Marguerite', email: 'marguerite@example.com' });
    const rows = await world.sql<{ leaf: string }[]>`
      select convert_from(leaf, 'UTF8') as leaf from audit_events where position('member.updated' in convert_from(leaf, 'UTF8')) > 0`;
    expect(rows.length).toBeGreaterThan(0);
    for (const { leaf } of rows) expect(leaf).not.toMatch(/marguerite/i);
  });

  it('changes nothing where nothing differs, and waits for the fence all the same', async () => {
    const { workspace, owner, admin } = await addTeam();
    const { body, headers } = await members(owner, 'PATCH', `/${admin.id}`, { access: 'admin', roles: [] });
    expect(body.effective.replicas).toBe(1);
    expect(headers.get('etag')).toBe('"1"');
    expect(await eventsOf(workspace, admin.id)).toEqual([]);
  });

  it('is refused for a state that has passed', async () => {
    const { owner, admin } = await addTeam();
    const etag = (await members(owner, 'GET', `/${admin.id}`)).headers.get('etag') ?? '';
    const change = (name: string) => members(owner, 'PATCH', `/${admin.id}`, { name }, { 'if-match': etag });
    expect([(await change('one')).status, (await change('two')).status]).toEqual([200, 412]);
  });

  it('names each role and group that the workspace does not have', async () => {
    const [one, other] = [await addTeam(), await addTeam()];
    const [mine, foreign] = [await world.addRole(one.workspace, 'a'), await world.addRole(other.workspace, 'b')];
    const group = await world.addGroup(other.workspace, 'b');
    const { status, body } = await members(one.owner, 'PATCH', `/${one.admin.id}`, {
      roles: [mine, foreign],
      groups: [group],
    });
    expect(status).toBe(422);
    expect(body.details.map(({ path }: { path: string }) => path)).toEqual(['roles[1]', 'groups[0]']);
    expect((await members(one.owner, 'GET', `/${one.admin.id}`)).body.roles).toEqual([]);
  });

  it('takes no more than 200 roles, no unknown field, and no address that is none', async () => {
    const { owner, admin } = await addTeam();
    const many = Array.from({ length: 201 }, () => 'role_01kav3c4r8e0jbwn7sgm5zkqd2');
    for (const change of [
      { roles: many },
      { owner: true },
      { email: 'not an address' },
      { email: 'a@b@c' },
      { email: 'a@example.com,b@example.com' },
      { email: 'a@example.com\nBcc: b@example.com' },
      { email: null },
      { name: ' ' },
    ]) {
      expect((await members(owner, 'PATCH', `/${admin.id}`, change)).status).toBe(422);
    }
  });

  it('gives nobody the address of another, in whatever case', async () => {
    const { workspace, owner, admin } = await addTeam();
    const person = await world.addPerson(workspace, 'member');
    const taken = await members(owner, 'PATCH', `/${person.id}`, { email: admin.email.toUpperCase() });
    expect(taken.status).toBe(409);
    const other = await addTeam();
    const elsewhere = await members(other.owner, 'PATCH', `/${other.admin.id}`, { email: admin.email });
    expect(elsewhere.status).toBe(200);
  });

  it('takes effect on the next request of the member, whose session goes on', async () => {
    const { owner, admin } = await addTeam();
    expect((await members(admin, 'GET')).status).toBe(200);
    await members(owner, 'PATCH', `/${admin.id}`, { access: 'member' });
    expect((await members(admin, 'GET')).status).toBe(403);
    expect((await service.call('GET', '/v1/whoami', { secret: admin.secret })).status).toBe(200);
  });

  it('asks for a proof of who one is that is no older than ten minutes', async () => {
    const { workspace, admin } = await addTeam();
    const late = await addPerson(service, workspace, { access: 'owner', authenticatedSecondsAgo: 601 });
    for (const [method, path, json] of [
      ['PATCH', `/${admin.id}`, { name: 'x' }],
      ['DELETE', `/${admin.id}`],
      ['POST', '', { name: 'x' }],
      ['POST', '/invitations', { email: 'x@example.com', access: 'member' }],
      ['POST', `/${admin.id}/password-reset`],
    ] as const) {
      const { status, body } = await members(late, method, path, json);
      expect({ status, error: body.error }).toEqual({ status: 401, error: 'insufficient_user_authentication' });
    }
    expect((await members(late, 'GET')).status).toBe(200);
  });
});

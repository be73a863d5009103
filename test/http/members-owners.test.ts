import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { createMembersWorld, sorted } from './members-world.ts';

const world = await createMembersWorld(await createTestDatabase());
const { members, addTeam } = world;

describe('owners', () => {
  it('are made, changed, removed and helped by owners alone', async () => {
    const { workspace, owner, admin } = await addTeam();
    const person = await world.addPerson(workspace, 'member');
    for (const [method, path, json] of [
      ['PATCH', `/${owner.id}`, { name: 'x' }],
      ['PATCH', `/${owner.id}`, { email: 'x@example.com' }],
      ['PATCH', `/${person.id}`, { access: 'owner' }],
      ['PATCH', `/${admin.id}`, { access: 'owner' }],
      ['DELETE', `/${owner.id}`],
      ['POST', `/${owner.id}/password-reset`],
      ['POST', `/${owner.id}/invitation`],
      ['POST', '/invitations', { email: 'y@example.com', access: 'owner' }],
    ] as const) {
      expect((await members(admin, method, path, json)).status).toBe(403);
    }
    expect((await members(owner, 'PATCH', `/${admin.id}`, { access: 'owner' })).status).toBe(200);
    expect((await members(admin, 'PATCH', `/${owner.id}`, { name: 'x' })).status).toBe(200);
    expect((await members(owner, 'PATCH', `/${owner.id}`, { access: 'member' })).status).toBe(200);
  });

  it('stay as long as no other has joined who can sign in', async () => {
    const { owner } = await addTeam();
    await members(owner, 'POST', '/invitations', { email: 'second@example.com', access: 'owner' });
    expect((await members(owner, 'PATCH', `/${owner.id}`, { access: 'admin' })).status).toBe(409);
    expect((await members(owner, 'DELETE', `/${owner.id}`)).status).toBe(409);
    expect((await members(owner, 'PATCH', `/${owner.id}`, { name: 'Still here' })).status).toBe(200);
  });

  it.each([
    ['demoted', 'PATCH', { access: 'admin' }],
    ['removed', 'DELETE', undefined],
  ] as const)('cannot all be %s by requests at once', async (_, method, json) => {
    const { workspace, owner } = await addTeam();
    const others = [await world.addPerson(workspace, 'owner'), await world.addPerson(workspace, 'owner')];
    const everybody = [owner, ...others];
    const answers = await Promise.all(everybody.map((person) => members(person, method, `/${person.id}`, json)));
    expect(sorted(answers)).toEqual([200, 200, 409]);
    const [left] = await world.sql<{ count: number }[]>`
      select count(*)::int as count from members where access = 'owner' and removed_at is null
        and id in (select id from members where email = any(${everybody.map(({ email }) => email)}))`;
    expect(left?.count).toBe(1);
  });

  it('who demote each other at once leave one', async () => {
    const { workspace, owner } = await addTeam();
    const other = await world.addPerson(workspace, 'owner');
    const answers = await Promise.all([
      members(owner, 'PATCH', `/${other.id}`, { access: 'member' }),
      members(other, 'PATCH', `/${owner.id}`, { access: 'member' }),
    ]);
    // The second is an owner no more by the time it is its turn.
    expect(sorted(answers)).toEqual([200, 403]);
  });
});

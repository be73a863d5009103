import { describe, expect, test } from 'vitest';
import { clientOf } from '../../src/db/client.ts';
import { inTransaction } from '../../src/db/connection.ts';
import { idToUuid, newId } from '../../src/lib/ids.ts';
import type { AssignmentInput } from '../../src/tokens/assignment.ts';
import { createTokenIssuer } from '../../src/tokens/issuer.ts';
import { getToken, listTokens } from '../../src/tokens/list.ts';
import { reassignToken } from '../../src/tokens/reassign.ts';
import { revokeToken } from '../../src/tokens/revoke.ts';
import { effectiveScopesOfToken } from '../../src/tokens/token.ts';
import { createTestDatabase } from '../support/database.ts';
import { peopleOf } from './people.ts';
import { createWorld, keyOf, scopes, terms, updateToken } from './world.ts';

const world = await createWorld(await createTestDatabase());
const { deps, sql, issue } = world;
const people = peopleOf(world);
const workspace = await world.addWorkspace('acme');
const other = await world.addWorkspace('other');
const key = keyOf(workspace);
const ada = await people.addMember(workspace, 'member', 'a:write', 'b:read');
const role = await people.addRole(workspace, 'a:read');
const project = await people.addProject(workspace);
const foreign = {
  roleId: await people.addRole(other, 'a:read'),
  ownerId: (await people.addMember(other, 'member', 'a:read')).principal.id,
  projectId: await people.addProject(other),
};
const unknown = { roleId: newId('role', deps), ownerId: newId('usr', deps), projectId: newId('prj', deps) };
const leaver = await people.addMember(workspace, 'member', 'a:read');
await people.removeMember(leaver.principal.id);

describe('a token', () => {
  test('carries a role, belongs to a member and to a project, and is stored like that', async () => {
    const input = { scopes: scopes('b:read'), roleId: role, ownerId: ada.principal.id, projectId: project };
    const { token } = await issue(key, input);
    expect(token).toMatchObject({ role: { id: role }, owner: { id: ada.principal.id }, projectId: project });
    expect(await getToken(deps, key, token.id)).toEqual(token);
    expect(effectiveScopesOfToken(token)).toEqual(['a:read', 'b:read']);
    const [event] = await world.eventsOf(token.id);
    expect(event?.changes).toEqual([
      { field: 'scopes', old: null, new: ['b:read'] },
      { field: 'role', old: null, new: role },
      { field: 'owner', old: null, new: ada.principal.id },
      { field: 'project_id', old: null, new: project },
    ]);
  });

  test('needs no scopes of its own with a role, and at least one without', async () => {
    const { token } = await issue(key, { scopes: [], roleId: role });
    expect(effectiveScopesOfToken(token)).toEqual(['a:read']);
    const refused = { code: 'validation_failed', details: [{ path: 'scopes' }] };
    await expect(issue(key, { scopes: [] })).rejects.toMatchObject(refused);
    await expect(updateToken(deps, key, token.id, { roleId: null })).rejects.toMatchObject(refused);
    await updateToken(deps, key, token.id, { roleId: null, scopes: scopes('a:read') });
  });

  test('can do what its scopes, its role and its owner’s roles allow at this moment', async () => {
    const bob = await people.addMember(workspace, 'member', 'a:write', 'b:read');
    const carried = await people.addRole(workspace, 'a:read');
    const { token } = await issue(key, { scopes: scopes('b:read'), roleId: carried, ownerId: bob.principal.id });
    const now = async () => effectiveScopesOfToken(await getToken(deps, key, token.id));
    await people.setRole(carried, 'a:write', 'c:read');
    expect(await now()).toEqual(['a:read', 'a:write', 'b:read']);
    await people.setRole(bob.roleId, 'b:read');
    expect(await now()).toEqual(['b:read']);
    await people.removeMember(bob.principal.id);
    expect(await now()).toEqual([]);
    expect(await getToken(deps, key, token.id)).toMatchObject({ revokedAt: null, owner: { isRemoved: true } });
  });

  test.each([
    ['a role of another workspace', { roleId: foreign.roleId }, 'role'],
    ['a member of another workspace', { ownerId: foreign.ownerId }, 'owner'],
    ['a project of another workspace', { projectId: foreign.projectId }, 'project_id'],
    ['no role at all', { roleId: unknown.roleId }, 'role'],
    ['nobody', { ownerId: unknown.ownerId }, 'owner'],
    ['no project at all', { projectId: unknown.projectId }, 'project_id'],
    ['a member who was removed', { ownerId: leaver.principal.id }, 'owner'],
  ])('is not issued with the id of %s', async (_, input: AssignmentInput, path) => {
    const refused = { code: 'validation_failed', details: [{ path }] };
    await expect(issue(key, { scopes: scopes('a:read'), ...input })).rejects.toMatchObject(refused);
    const { ownerId, ...change } = input;
    if (ownerId !== undefined) return;
    const { token } = await issue(key, { scopes: scopes('a:read') });
    await expect(updateToken(deps, key, token.id, change)).rejects.toMatchObject(refused);
  });

  test('is not given what its owner’s roles do not grant, and the field at fault is named', async () => {
    const wide = await people.addRole(workspace, 'a:read', 'z:read');
    const input = { scopes: scopes('b:read', 'z:read', 'b:write'), roleId: wide, ownerId: ada.principal.id };
    await expect(issue(key, input)).rejects.toMatchObject({
      code: 'validation_failed',
      details: [{ path: 'scopes[1]' }, { path: 'scopes[2]' }, { path: 'role' }],
    });
    const { token } = await issue(key, { scopes: scopes('b:read'), ownerId: ada.principal.id });
    await expect(updateToken(deps, key, token.id, { roleId: wide })).rejects.toMatchObject({
      details: [{ path: 'role' }],
    });
    await expect(updateToken(deps, key, token.id, { scopes: scopes('a:write', 'c:read') })).rejects.toMatchObject({
      details: [{ path: 'scopes[1]' }],
    });
  });

  test('keeps what it has beyond its owner’s roles when something else changes', async () => {
    const bob = await people.addMember(workspace, 'member', 'a:read', 'b:read');
    const { token } = await issue(key, { scopes: scopes('a:read', 'b:read'), ownerId: bob.principal.id });
    await people.setRole(bob.roleId, 'a:read');
    const same = await updateToken(deps, key, token.id, { name: 'x', scopes: scopes('b:read', 'a:read') });
    expect(same.scopes).toEqual(['a:read', 'b:read']);
  });

  test('that goes together with others has no role, owner or project and needs none of their locks', async () => {
    const issuer = createTokenIssuer(deps);
    const issued = await Promise.all([
      issuer(key, terms()),
      issuer(key, terms({ roleId: role })),
      issuer(key, terms({ ownerId: ada.principal.id, scopes: scopes('a:read') })),
      issuer(key, terms({ projectId: project })),
    ]);
    expect(issued.map(({ token }) => [token.role?.id, token.owner?.id, token.projectId])).toEqual([
      [undefined, undefined, null],
      [role, undefined, null],
      [undefined, ada.principal.id, null],
      [undefined, undefined, project],
    ]);
  });

  test('moves between roles and projects, with an event that says so', async () => {
    const { token } = await issue(key);
    await updateToken(deps, key, token.id, { roleId: role, projectId: project });
    const back = await updateToken(deps, key, token.id, { roleId: null, projectId: null });
    expect(back).toMatchObject({ role: null, projectId: null, revision: 3 });
    expect((await world.eventsOf(token.id))[1]?.changes).toEqual([
      { field: 'role', old: null, new: role },
      { field: 'project_id', old: null, new: project },
    ]);
    await revokeToken(deps, key, token.id, { reason: null, withIssued: false });
    await expect(updateToken(deps, key, token.id, { roleId: role })).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('issuing at the same moment', () => {
  /** Runs `change` in a transaction that commits only when somebody waits for it. */
  async function whileOpen<Result>(
    change: string,
    issuing: () => Promise<Result>,
  ): Promise<PromiseSettledResult<Result>> {
    let waiting: Promise<PromiseSettledResult<Result>[]> | undefined;
    await inTransaction(deps.db, async (tx) => {
      await clientOf(tx).unsafe(change);
      waiting = Promise.allSettled([issuing()]);
      await world.untilSomeoneWaits();
    });
    const [result] = (await waiting) ?? [];
    if (result === undefined) throw new Error('nothing was issued');
    return result;
  }

  test('as its owner is removed is refused, whoever was first asked', async () => {
    const bob = await people.addMember(workspace, 'member', 'a:read');
    const uuid = idToUuid(bob.principal.id);
    const result = await whileOpen(`update members set removed_at = now(), email = null where id = '${uuid}'`, () =>
      issue(key, { scopes: scopes('a:read'), ownerId: bob.principal.id }),
    );
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'validation_failed' } });
  });

  test.each(['roles', 'projects'])('as what it names is deleted from %s is refused', async (table) => {
    const roleId = await people.addRole(workspace, 'a:read');
    const projectId = await people.addProject(workspace);
    const id = table === 'roles' ? roleId : projectId;
    const result = await whileOpen(`delete from ${table} where id = '${idToUuid(id)}'`, () =>
      issue(key, table === 'roles' ? { roleId } : { projectId }),
    );
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'validation_failed' } });
  });

  test('as a member loses a role goes by the roles it has afterwards', async () => {
    const bob = await people.addMember(workspace, 'member', 'a:read');
    const uuid = idToUuid(bob.principal.id);
    // As those do who change members: the member's row first.
    const change = `update members set revision = revision + 1 where id = '${uuid}';
      delete from member_roles where member_id = '${uuid}'`;
    const result = await whileOpen(change, () => issue(bob, { scopes: scopes('a:read') }));
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'insufficient_scope', scope: 'a:read' } });
  });
});

describe('reassigning', () => {
  test('gives a leaver’s token to somebody who stays, cut to the roles of that, with an event', async () => {
    const [bob, eve] = [
      await people.addMember(workspace, 'member', 'a:read', 'b:read'),
      await people.addMember(workspace, 'member', 'b:write'),
    ];
    const { token } = await issue(key, { scopes: scopes('a:read', 'b:read'), ownerId: bob.principal.id });
    await people.removeMember(bob.principal.id);
    const input = { ownerId: eve.principal.id, reason: 'Bob has left' };
    const { token: reassigned, effective } = await reassignToken(deps, key, token.id, input);
    expect(effective).toMatchObject({ replicas: expect.any(Number) });
    expect(reassigned).toMatchObject({ owner: { id: eve.principal.id }, scopes: ['a:read', 'b:read'], revision: 2 });
    expect(effectiveScopesOfToken(reassigned)).toEqual(['b:read']);
    expect(await getToken(deps, eve, token.id)).toEqual(reassigned);
    const [, event] = await world.eventsOf(token.id);
    expect(event).toMatchObject({ action: 'token.reassigned' });
    expect(event?.changes).toEqual([
      { field: 'owner', old: bob.principal.id, new: eve.principal.id },
      { field: 'effective_scopes', old: [], new: ['b:read'] },
    ]);
  });

  test('to nobody makes it a token of the workspace; to the same owner changes nothing', async () => {
    const { token } = await issue(key, { scopes: scopes('a:read'), ownerId: ada.principal.id });
    const same = await reassignToken(deps, key, token.id, { ownerId: ada.principal.id, reason: null });
    expect(same.token).toEqual(token);
    const { token: free } = await reassignToken(deps, key, token.id, { ownerId: null, reason: null });
    expect(free).toMatchObject({ owner: null, revision: 2 });
    expect(await world.eventsOf(token.id)).toHaveLength(2);
    await expect(getToken(deps, ada, token.id)).rejects.toMatchObject({ code: 'not_found' });
  });

  test.each([
    ['a removed member', leaver.principal.id],
    ['a member of another workspace', foreign.ownerId],
    ['nobody known', unknown.ownerId],
  ])('to %s is refused', async (_, ownerId) => {
    const { token } = await issue(key);
    await expect(reassignToken(deps, key, token.id, { ownerId, reason: null })).rejects.toMatchObject({
      code: 'validation_failed',
      details: [{ path: 'owner' }],
    });
  });

  test('is for what still works, and for keys and managers', async () => {
    const { token } = await issue(key, { scopes: scopes('a:read'), ownerId: ada.principal.id });
    const input = { ownerId: null, reason: null };
    await expect(reassignToken(deps, ada, token.id, input)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(reassignToken(deps, keyOf(other), token.id, input)).rejects.toMatchObject({ code: 'not_found' });
    const admin = await people.addMember(workspace, 'admin');
    await revokeToken(deps, admin, token.id, { reason: null, withIssued: false });
    await expect(reassignToken(deps, admin, token.id, input)).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('the list', () => {
  test('finds by role, owner and project, and by what tokens can do with all of them', async () => {
    const place = await world.addWorkspace('listed');
    const lister = keyOf(place);
    const bob = await people.addMember(place, 'member', 'a:read', 'b:read');
    const carried = await people.addRole(place, 'a:write');
    const projectId = await people.addProject(place);
    const plain = (await issue(lister, { scopes: scopes('a:read') })).token.id;
    const byRole = (await issue(lister, { scopes: [], roleId: carried })).token.id;
    const owned = (await issue(lister, { scopes: scopes('a:read'), ownerId: bob.principal.id })).token.id;
    const placed = (await issue(lister, { scopes: scopes('b:read'), projectId })).token.id;
    const find = async (input: object) =>
      (await listTokens(deps, lister, { limit: 10, ...input })).items.map(({ id }) => id).sort();
    expect(await find({ roleId: carried })).toEqual([byRole]);
    expect(await find({ ownerId: bob.principal.id })).toEqual([owned]);
    expect(await find({ projectId })).toEqual([placed]);
    expect(await find({ scope: 'a:read' })).toEqual([plain, byRole, owned].sort());
    expect(await find({ scope: 'a:write' })).toEqual([byRole]);
    await people.setRole(bob.roleId, 'b:read');
    expect(await find({ scope: 'a:read' })).toEqual([plain, byRole].sort());
    await sql`update members set removed_at = now(), email = null where id = ${idToUuid(bob.principal.id)}`;
    expect(await find({ ownerId: bob.principal.id, statuses: ['active'] })).toEqual([owned]);
  });
});

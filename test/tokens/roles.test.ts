import { describe, expect, test } from 'vitest';
import { idToUuid, newId, type RoleId } from '../../src/lib/ids.ts';
import { changeRole, createRole } from '../../src/tokens/roles/change.ts';
import { deleteRole } from '../../src/tokens/roles/delete.ts';
import { createTestDatabase } from '../support/database.ts';
import { overhear } from '../support/overhear.ts';
import { createWorld, keyOf, scopes } from './world.ts';

const world = await createWorld(await createTestDatabase());
const { deps, sql, issue } = world;
const key = keyOf(await world.addWorkspace('acme'));
const { workspaceId } = key.principal;
const { fence, told } = overhear(deps.fence);
const listening = { ...deps, fence };
let count = 0;

async function addRole(): Promise<RoleId> {
  count += 1;
  const input = { name: `role-${count}`, description: null, scopes: scopes('a:read') };
  return (await createRole(deps, key, input)).id;
}

/** The invalidations of a role so far. */
async function invalidationsOf(id: RoleId): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from invalidations where subject_kind = 'role' and subject_id = ${idToUuid(id)}`;
  return row?.count ?? 0;
}

describe('changing a role', () => {
  test('has replicas forget it, and waits for them also when there is nothing to change', async () => {
    const id = await addRole();
    for (const invalidations of [1, 1]) {
      told.length = 0;
      await changeRole(listening, key, id, { scopes: scopes('b:read') });
      expect(told).toEqual([id]);
      expect(await invalidationsOf(id)).toBe(invalidations);
    }
    await changeRole(listening, key, id, { name: 'renamed' });
    expect(await invalidationsOf(id)).toBe(2);
  });

  test('by many at once counts each change', async () => {
    const id = await addRole();
    const names = Array.from({ length: 8 }, (_, n) => scopes(`a:n${n}`));
    await Promise.all(names.map((wanted) => changeRole(deps, key, id, { scopes: wanted })));
    const { role } = await changeRole(deps, key, id, {});
    expect(role.revision).toBe(9);
    const [created, ...updates] = (await world.eventsOf(id)).map(({ changes }) =>
      changes.find(({ field }) => field === 'scopes'),
    );
    expect(created).toMatchObject({ old: null, new: ['a:read'] });
    // In the order of the commits: each begins where the one before has ended.
    const old = [created, ...updates].slice(0, -1).map((change) => change?.new);
    expect(updates.map((change) => change?.old)).toEqual(old);
    expect(updates.at(-1)?.new).toEqual(role.scopes);
  });

  test('keeps what people wrote about it out of the leaf', async () => {
    const id = await addRole();
    await changeRole(deps, key, id, { description: 'for Ada' });
    expect(JSON.stringify(await world.eventsOf(id))).not.toContain('Ada');
  });

  test('of scopes is not held up by tokens that are just being issued with it', async () => {
    const id = await addRole();
    await sql.begin(async (issuer) => {
      await issuer`select from roles where id = ${idToUuid(id)} for key share`;
      const { role } = await changeRole(deps, key, id, { scopes: scopes('b:read') });
      expect(role.revision).toBe(2);
    });
  });
});

describe('deleting a role', () => {
  test('takes it off more finished tokens than go into one statement', async () => {
    const id = await addRole();
    await sql`
      insert into tokens (id, workspace_id, environment, name, hint, scopes, role_id, metadata, created_at, created_by, expires_at)
      select gen_random_uuid(), ${idToUuid(workspaceId)}, 'live', 'one of many', 'x', '{}', ${idToUuid(id)}, '{}',
        now() - interval '2 hours', 'system', now() - interval '1 hour'
      from generate_series(1, 2_001)`;
    await deleteRole(deps, key, id);
    const [row] = await sql<{ count: number }[]>`
      select count(*)::int as count from tokens where name = 'one of many' and role_id is null`;
    expect(row?.count).toBe(2_001);
    expect((await world.eventsOf(id)).map(({ action }) => action)).toEqual(['role.created', 'role.deleted']);
  });

  test('is refused for a token that is not valid yet', async () => {
    const id = await addRole();
    await issue(key, { roleId: id, notBefore: new Date(world.time.now.getTime() + 60_000) });
    await expect(deleteRole(deps, key, id)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('is refused when somebody is given it at the last moment', async () => {
    const id = await addRole();
    const member = idToUuid(newId('usr', deps));
    await sql`
      insert into members (id, workspace_id, name, access, created_at, created_by)
      values (${member}, ${idToUuid(workspaceId)}, 'Ada', 'member', now(), 'system')`;
    const { outcome } = await sql.begin(async (giver) => {
      await giver`
        insert into member_roles (workspace_id, member_id, role_id)
        values (${idToUuid(workspaceId)}, ${member}, ${idToUuid(id)})`;
      const outcome = deleteRole(deps, key, id).catch((error: unknown) => error);
      await world.untilSomeoneWaits();
      return { outcome };
    });
    expect(await outcome).toMatchObject({ code: 'conflict', message: expect.stringContaining('1 member.') });
  });

  test('wins over a token that is issued with it after the lock, which is told so', async () => {
    const id = await addRole();
    const { outcome } = await sql.begin(async (deleter) => {
      await deleter`select from roles where id = ${idToUuid(id)} for update`;
      const outcome = issue(key, { roleId: id }).catch((error: unknown) => error);
      await world.untilSomeoneWaits();
      await deleter`delete from roles where id = ${idToUuid(id)}`;
      return { outcome };
    });
    expect(await outcome).toMatchObject({ code: 'validation_failed', details: [{ path: 'role' }] });
  });

  test('that is repeated since its answer was lost waits for replicas all the same', async () => {
    const id = await addRole();
    await deleteRole(deps, key, id);
    told.length = 0;
    await expect(deleteRole(listening, key, id)).rejects.toMatchObject({ code: 'not_found' });
    expect(told).toEqual([id]);
  });
});

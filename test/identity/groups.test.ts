import { describe, expect, test } from 'vitest';
import { changeGroup } from '../../src/identity/groups/change.ts';
import { deleteGroup } from '../../src/identity/groups/delete.ts';
import { createNamed } from '../../src/identity/named/create.ts';
import { GROUP } from '../../src/identity/named/kind.ts';
import { type GroupId, idToUuid, type MemberId, newId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { overhear } from '../support/overhear.ts';
import { createWorld, keyOf } from '../tokens/world.ts';

const world = await createWorld(await createTestDatabase());
const { deps, sql } = world;
const key = keyOf(await world.addWorkspace('acme'));
const { workspaceId } = key.principal;
const { fence, told } = overhear(deps.fence);
const listening = { ...deps, fence };
let count = 0;

async function addGroup(size: number): Promise<{ id: GroupId; members: MemberId[] }> {
  count += 1;
  const { id } = await createNamed(deps, key, GROUP, { name: `group-${count}`, description: null });
  const members = Array.from({ length: size }, () => newId('usr', deps));
  const uuids = members.map((member) => idToUuid(member));
  await sql`
    insert into members (id, workspace_id, name, access, created_at, created_by)
    select id, ${idToUuid(workspaceId)}, 'somebody', 'member', now(), 'system' from unnest(${uuids}::uuid[]) id`;
  await sql`
    insert into member_groups (workspace_id, member_id, group_id)
    select ${idToUuid(workspaceId)}, id, ${idToUuid(id)} from unnest(${uuids}::uuid[]) id`;
  return { id, members };
}

/** The members that replicas are to forget because of what `work` does. */
async function invalidatedBy(work: () => Promise<unknown>): Promise<string[]> {
  const [{ last } = { last: '0' }] = await sql<{ last: string }[]>`
    select xid::text as last from invalidations order by xid desc limit 1`;
  await work();
  const rows = await sql<{ subject_id: string }[]>`
    select distinct subject_id from invalidations where subject_kind = 'member' and xid > ${last}::xid8`;
  return rows.map(({ subject_id }) => subject_id).sort();
}

const uuidsOf = (members: readonly MemberId[]) => members.map((member) => idToUuid(member)).sort();

describe('changing a group', () => {
  test('has replicas forget its members when it is renamed, and waits for them also when it is not', async () => {
    const { id, members } = await addGroup(3);
    for (const expected of [uuidsOf(members), []]) {
      told.length = 0;
      expect(await invalidatedBy(() => changeGroup(listening, key, id, { name: 'renamed' }))).toEqual(expected);
      expect(told.toSorted()).toEqual(members.toSorted());
    }
  });

  test('of many members forgets the workspace instead', async () => {
    const { id } = await addGroup(101);
    told.length = 0;
    await changeGroup(listening, key, id, { name: 'crowd' });
    expect(told).toContain(workspaceId);
  });

  test('reaches a member who is just being put in', async () => {
    const { id } = await addGroup(0);
    const { members } = await addGroup(1);
    const [member] = uuidsOf(members);
    told.length = 0;
    const invalidated = await invalidatedBy(async () => {
      const { renaming } = await sql.begin(async (giver) => {
        await giver`
          insert into member_groups (workspace_id, member_id, group_id)
          values (${idToUuid(workspaceId)}, ${member ?? ''}, ${idToUuid(id)})`;
        const renaming = changeGroup(listening, key, id, { name: 'just-in-time' });
        await world.untilSomeoneWaits();
        return { renaming };
      });
      await renaming;
    });
    expect(invalidated).toEqual([member]);
    expect(told).toEqual(members);
  });
});

describe('deleting a group', () => {
  test('takes its members out, says how many those were, and has replicas forget them', async () => {
    const { id, members } = await addGroup(3);
    await sql`update members set removed_at = now() where id = ${uuidsOf(members)[0] ?? ''}`;
    told.length = 0;
    const invalidated = await invalidatedBy(async () => {
      expect((await deleteGroup(listening, key, id)).memberCount).toBe(2);
    });
    expect(invalidated).toEqual(uuidsOf(members));
    expect(told.toSorted()).toEqual(members.toSorted());
    expect(await sql`select from member_groups where group_id = ${idToUuid(id)}`).toHaveLength(0);
  });

  test('that is repeated since its answer was lost waits for replicas all the same', async () => {
    const { id } = await addGroup(1);
    await deleteGroup(deps, key, id);
    told.length = 0;
    await expect(deleteGroup(listening, key, id)).rejects.toMatchObject({ code: 'not_found' });
    expect(told).toEqual([workspaceId]);
  });
});

import { sizesOf } from '../../../identity/groups/size.ts';
import { GROUP, type Group } from '../../../identity/named/kind.ts';
import type { GroupId } from '../../../lib/ids.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Empty, Pager, Table } from '../../parts/table.tsx';
import { counted } from '../../parts/times.ts';
import { When } from '../../parts/when.tsx';
import { type NamedList, readNamedList } from '../named/list.ts';
import { NameFilter } from '../named/name-filter.tsx';
import { membersCrumb } from './member-path.ts';

/** The groups of the workspace, newest first, and how many are in each. */
export async function showGroups(visit: Visit): Promise<View> {
  const { services, caller } = visit;
  const list = await readNamedList(visit, GROUP);
  const ids = list.items.map(({ id }) => id);
  const sizeOf = await sizesOf(services, caller, ids);
  const path = visit.at('/members/groups');
  return {
    title: 'Groups',
    section: 'members',
    crumbs: [membersCrumb(visit)],
    actions: (
      <a class="button button-primary" href={`${path}/new`}>
        Create group
      </a>
    ),
    body: (
      <>
        <p class="muted">
          A group says who sees what in your own services: Tooken tells them the groups of a token’s owner whenever they
          introspect it, and grants nothing by them itself.
        </p>
        <NameFilter label="Name of the group" name={list.name} />
        <div id="results" class="stack">
          <Groups visit={visit} list={list} sizeOf={sizeOf} />
        </div>
      </>
    ),
  };
}

interface GroupsProps {
  readonly visit: Visit;
  readonly list: NamedList<Group>;
  readonly sizeOf: (id: GroupId) => number;
}

function Groups({ visit, list: { name, items, problem, newest, next }, sizeOf }: GroupsProps) {
  if (problem !== undefined) {
    return (
      <p class="alert alert-bad" role="alert">
        {problem}
      </p>
    );
  }
  if (items.length === 0) return name === '' ? <NoGroups /> : <Empty title="No group has such a name" />;
  return (
    <>
      <GroupTable visit={visit} groups={items} sizeOf={sizeOf} />
      <Pager newest={newest} next={next} />
    </>
  );
}

function NoGroups() {
  return (
    <Empty title="No groups yet">
      <p>Create one if a service of yours shows different things to different members, such as those of one region.</p>
    </Empty>
  );
}

interface GroupTableProps extends Omit<GroupsProps, 'list'> {
  readonly groups: readonly Group[];
}

function GroupTable({ visit, groups, sizeOf }: GroupTableProps) {
  return (
    <Table caption="Groups" columns={['Group', 'Members', 'Created', 'Actions']}>
      {groups.map(({ id, name, description, createdAt }) => (
        <tr>
          <th scope="row" class="cell-name">
            {name}
            {description !== null && <span class="small">{description}</span>}
          </th>
          <td>
            <a class="nowrap" href={visit.at(`/members?group=${id}`)}>
              {counted(sizeOf(id), 'member')}
            </a>
          </td>
          <td>
            <When at={createdAt} now={visit.now} />
          </td>
          <td class="actions">
            <a class="button button-small" href={visit.at(`/members/groups/${id}/edit`)} aria-label={`Edit ${name}`}>
              Edit
            </a>
            <a
              class="button button-small button-danger"
              href={visit.at(`/members/groups/${id}/delete`)}
              aria-label={`Delete ${name}`}
            >
              Delete
            </a>
          </td>
        </tr>
      ))}
    </Table>
  );
}

import { ROLE, type Role } from '../../../identity/named/kind.ts';
import type { RoleId } from '../../../lib/ids.ts';
import { readGroupSizes } from '../../../tokens/group-sizes.ts';
import { countHoldersOf } from '../../../tokens/roles/use.ts';
import type { GroupSize } from '../../../tokens/store/group-sizes.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Empty, Pager, Table } from '../../parts/table.tsx';
import { counted } from '../../parts/times.ts';
import { ScopeTags } from '../../parts/token.tsx';
import { type NamedList, readNamedList } from '../named/list.ts';
import { NameFilter } from '../named/name-filter.tsx';
import { Size } from '../named/size.tsx';
import { RoleTabs, SECTION_TITLE } from './sections.tsx';

const SHOWN_SCOPES = 6;

/** The list of roles. */
export function mountRoleList(pages: Pages): void {
  pages.page('/roles', 'listRoles', async (visit): Promise<View> => {
    const { services, caller } = visit;
    const list = await readNamedList(visit, ROLE);
    const ids = list.items.map(({ id }) => id);
    const [holders, sizes] = await Promise.all([
      visit.may('listMembers') ? countHoldersOf(services, caller, ids) : undefined,
      readGroupSizes(services, caller, 'role_id', ids),
    ]);
    return {
      title: SECTION_TITLE,
      section: 'roles',
      ...(visit.may('createRole') && { actions: <CreateLink visit={visit} /> }),
      body: (
        <>
          <RoleTabs visit={visit} current="roles" />
          <p class="muted">
            A role is a named set of scopes. Tokens carry one beside their own scopes; members hold some, and the tokens
            that they own can do no more than these grant.
          </p>
          <NameFilter label="Name of the role" name={list.name} />
          <div id="results" class="stack">
            <Roles visit={visit} list={list} holders={holders} sizes={sizes} />
          </div>
        </>
      ),
    };
  });
}

function CreateLink({ visit }: { visit: Visit }) {
  return (
    <a class="button button-primary" href={visit.at('/roles/new')}>
      Create role
    </a>
  );
}

interface RolesProps {
  readonly visit: Visit;
  readonly list: NamedList<Role>;
  /** Undefined for who may not see them. */
  readonly holders: ReadonlyMap<RoleId, number> | undefined;
  readonly sizes: ReadonlyMap<RoleId, GroupSize> | undefined;
}

function Roles({ visit, list, holders, sizes }: RolesProps) {
  const { name, items, problem, newest, next } = list;
  if (problem !== undefined) {
    return (
      <p class="alert alert-bad" role="alert">
        {problem}
      </p>
    );
  }
  if (items.length === 0) {
    return name === '' ? <NoRole visit={visit} /> : <Empty title="No role has such a name" />;
  }
  const columns = ['Role', 'Scopes', ...(holders ? ['Members'] : []), ...(sizes ? ['Tokens'] : [])];
  return (
    <>
      <Table caption="Roles" columns={columns}>
        {items.map((role) => (
          <tr>
            <th scope="row" class="cell-name">
              <a href={visit.at(`/roles/${role.id}`)}>{role.name}</a>
              {role.description !== null && <bdi class="small clamped">{role.description}</bdi>}
            </th>
            <td class="cell-scopes">
              <ScopeTags scopes={role.scopes} max={SHOWN_SCOPES} />
            </td>
            {holders && <td class="nowrap">{holdersText(holders.get(role.id))}</td>}
            {sizes && (
              <td>
                <Size size={sizes.get(role.id)} />
              </td>
            )}
          </tr>
        ))}
      </Table>
      {sizes && <p class="muted small">Tokens count, by environment, unless they are revoked or expired.</p>}
      <Pager newest={newest} next={next} />
    </>
  );
}

function holdersText(count: number | undefined) {
  return count === undefined ? <span class="muted">none</span> : counted(count, 'member');
}

function NoRole({ visit }: { visit: Visit }) {
  return (
    <Empty title="There is no role yet">
      <p>Name what belongs together once, such as everything that billing needs, and give it to tokens and members.</p>
      {visit.may('createRole') && (
        <div class="actions">
          <CreateLink visit={visit} />
        </div>
      )}
    </Empty>
  );
}

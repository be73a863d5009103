import { PROJECT, type Project } from '../../../identity/named/kind.ts';
import { readGroupSizes } from '../../../tokens/group-sizes.ts';
import type { GroupSize } from '../../../tokens/store/group-sizes.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Empty, Pager, Table } from '../../parts/table.tsx';
import { When } from '../../parts/when.tsx';
import { type NamedList, readNamedList } from '../named/list.ts';
import { NameFilter } from '../named/name-filter.tsx';
import { Size } from '../named/size.tsx';

/** The list of projects. */
export function mountProjectList(pages: Pages): void {
  pages.page('/projects', 'listProjects', async (visit): Promise<View> => {
    const list = await readNamedList(visit, PROJECT);
    const ids = list.items.map(({ id }) => id);
    const sizes = await readGroupSizes(visit.services, visit.caller, 'project_id', ids);
    return {
      title: 'Projects',
      section: 'projects',
      ...(visit.may('createProject') && { actions: <CreateLink visit={visit} /> }),
      body: (
        <>
          <p class="muted">Projects group tokens, so that they can be listed together, and revoked together.</p>
          <NameFilter label="Name of the project" name={list.name} />
          <div id="results" class="stack">
            <Projects visit={visit} list={list} sizes={sizes} />
          </div>
        </>
      ),
    };
  });
}

function CreateLink({ visit }: { visit: Visit }) {
  return (
    <a class="button button-primary" href={visit.at('/projects/new')}>
      Create project
    </a>
  );
}

interface ProjectsProps {
  readonly visit: Visit;
  readonly list: NamedList<Project>;
  readonly sizes: ReadonlyMap<Project['id'], GroupSize> | undefined;
}

function Projects({ visit, list, sizes }: ProjectsProps) {
  const { name, items, problem, newest, next } = list;
  if (problem !== undefined) {
    return (
      <p class="alert alert-bad" role="alert">
        {problem}
      </p>
    );
  }
  if (items.length === 0) {
    return name === '' ? <NoProject visit={visit} /> : <Empty title="No project has such a name" />;
  }
  return (
    <>
      <Table caption="Projects" columns={['Project', ...(sizes === undefined ? [] : ['Tokens']), 'Created']}>
        {items.map(({ id, name, description, createdAt }) => (
          <tr>
            <th scope="row" class="cell-name cell-wide">
              <a href={visit.at(`/projects/${id}`)}>
                <bdi>{name}</bdi>
              </a>
              {description !== null && <bdi class="small clamped">{description}</bdi>}
            </th>
            {sizes !== undefined && (
              <td>
                <Size size={sizes.get(id)} />
              </td>
            )}
            <td>
              <When at={createdAt} now={visit.now} />
            </td>
          </tr>
        ))}
      </Table>
      {sizes !== undefined && (
        <p class="muted small">Tokens count, by environment, unless they are revoked or expired.</p>
      )}
      <Pager newest={newest} next={next} />
    </>
  );
}

function NoProject({ visit }: { visit: Visit }) {
  return (
    <Empty title="There is no project yet">
      <p>Create one for each app, customer or team whose tokens belong together, and choose it when issuing tokens.</p>
      {visit.may('createProject') && (
        <div class="actions">
          <CreateLink visit={visit} />
        </div>
      )}
    </Empty>
  );
}

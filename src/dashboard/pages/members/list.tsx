import { listMembers } from '../../../identity/members/list.ts';
import type { Member } from '../../../identity/members/member.ts';
import type { Page } from '../../../lib/page.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Empty, Pager } from '../../parts/table.tsx';
import { readGroupings } from './groupings.tsx';
import { MemberFilters, type ReadFilters, readFilters, refuseFilters } from './member-filters.tsx';
import { MemberTable } from './member-table.tsx';

/** Everybody in the workspace, newest first. */
export function mountMemberList(pages: Pages): void {
  pages.page('/members', 'listMembers', async (visit) => {
    const [groupings, found] = await Promise.all([readGroupings(visit), find(visit, readFilters(visit.query))]);
    return {
      title: 'Members',
      section: 'members',
      actions: <ListActions visit={visit} />,
      body: (
        <>
          <MemberFilters visit={visit} filters={found.filters} groupings={groupings} />
          <div id="results" class="stack">
            <Results visit={visit} {...found} />
          </div>
        </>
      ),
    };
  });
}

interface Found {
  readonly filters: ReadFilters;
  /** Undefined if the filters do not say what is wanted. */
  readonly page: Page<Member> | undefined;
}

async function find(visit: Visit, filters: ReadFilters): Promise<Found> {
  if (filters.input === undefined) return { filters, page: undefined };
  try {
    return { filters, page: await listMembers(visit.services, visit.caller, filters.input) };
  } catch (error) {
    return { filters: refuseFilters(visit.query, error), page: undefined };
  }
}

function ListActions({ visit }: { visit: Visit }) {
  return (
    <>
      <a class="button button-quiet" href={visit.at('/members/groups')}>
        Groups
      </a>
      {visit.may('createMember') && (
        <a class="button" href={visit.at('/members/new')}>
          Add account
        </a>
      )}
      {visit.may('inviteMember') && (
        <a class="button button-primary" href={visit.at('/members/invite')}>
          Invite member
        </a>
      )}
    </>
  );
}

function Results({ visit, filters: { problem, params }, page }: Found & { visit: Visit }) {
  if (page === undefined) {
    return (
      <div class="alert alert-bad" role="alert">
        {problem}
      </div>
    );
  }
  if (page.items.length === 0) return <NothingFound visit={visit} />;
  const older =
    page.nextCursor === null ? undefined : hrefOf(visit, new URLSearchParams([...params, ['cursor', page.nextCursor]]));
  return (
    <>
      <MemberTable visit={visit} members={page.items} />
      <Pager newest={visit.query.has('cursor') ? hrefOf(visit, params) : undefined} next={older} />
    </>
  );
}

/** There is always one member, who is looking. */
function NothingFound({ visit }: { visit: Visit }) {
  return (
    <Empty title="Nobody is like that">
      <p>
        Try fewer filters, or <a href={visit.at('/members')}>see everybody</a>. Removed members are listed under their
        own status.
      </p>
    </Empty>
  );
}

function hrefOf(visit: Visit, params: URLSearchParams): string {
  const query = params.toString();
  return visit.at(query === '' ? '/members' : `/members?${query}`);
}

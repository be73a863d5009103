import type { Page } from '../../../lib/page.ts';
import { listTokens } from '../../../tokens/list.ts';
import { listScopeChoices } from '../../../tokens/scope-choices.ts';
import type { Token } from '../../../tokens/token.ts';
import { toServiceError } from '../../../web/failure.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Icon } from '../../parts/icon.tsx';
import { Empty, Pager } from '../../parts/table.tsx';
import { type Filters, problemsOf, readFilters } from './list-filters.ts';
import { type FilterChoices, FilterForm } from './list-form.tsx';
import { TokenTable } from './list-table.tsx';
import { projectNames, readOwners, readProjects, readRoles } from './references.ts';

/** The tokens that the member sees, newest first. */
export function mountTokenList(pages: Pages): void {
  pages.page('/tokens', 'listTokens', async (visit) => {
    const filters = readFilters(visit.query);
    const [found, choices] = await Promise.all([readPage(visit, filters), readChoices(visit)]);
    return view(visit, filters, choices, await resultsOf(visit, filters, found));
  });
}

type Found = Page<Token> | { readonly problems: readonly string[] };

/** Filters that mean nothing, and a cursor that is not of this list, are said instead of a list. */
async function readPage({ services, caller }: Visit, { read }: Filters): Promise<Found> {
  if ('problems' in read) return read;
  try {
    return await listTokens(services, caller, read.input);
  } catch (thrown) {
    return { problems: problemsOf(toServiceError(thrown)) };
  }
}

async function readChoices(visit: Visit): Promise<FilterChoices> {
  const { services, caller } = visit;
  const [scopes, roles, projects, owners] = await Promise.all([
    listScopeChoices(services, caller),
    readRoles(visit),
    readProjects(visit),
    readOwners(visit),
  ]);
  return { scopes, roles, projects, owners, hasOwners: caller.principal.access !== 'member' };
}

function view(visit: Visit, filters: Filters, choices: FilterChoices, results: View['body']): View {
  const seesOwnOnly = visit.caller.principal.access === 'member';
  return {
    title: 'Tokens',
    section: 'tokens',
    ...(visit.may('issueToken') && { actions: <IssueLink visit={visit} /> }),
    body: (
      <>
        <p class="muted">
          {seesOwnOnly
            ? 'These are the tokens that belong to you. You see nobody else’s.'
            : 'What callers of your APIs hold. Each can do what its scopes say, until it expires or is revoked.'}
        </p>
        <FilterForm filters={filters} choices={choices} />
        <div id="results" class="stack">
          {results}
        </div>
      </>
    ),
  };
}

async function resultsOf(visit: Visit, filters: Filters, found: Found) {
  if ('problems' in found) return <Problems visit={visit} problems={found.problems} />;
  const { items, nextCursor } = found;
  if (items.length === 0) return filters.isAny ? <NoneFound visit={visit} /> : <NoneYet visit={visit} />;
  const projects = await projectNames(
    visit,
    items.flatMap(({ projectId }) => projectId ?? []),
  );
  const path = visit.at('/tokens');
  return (
    <>
      <TokenTable visit={visit} tokens={items} projects={projects} />
      <Pager
        newest={visit.query.has('cursor') ? filters.hrefOf(path) : undefined}
        next={nextCursor === null ? undefined : filters.hrefOf(path, nextCursor)}
      />
    </>
  );
}

function Problems({ visit, problems }: { visit: Visit; problems: readonly string[] }) {
  return (
    <div class="alert alert-bad" role="status">
      <Icon name="warning" />
      <div>
        {problems.map((problem) => (
          <p>{problem}</p>
        ))}
        <p>
          <a href={visit.at('/tokens')}>Clear the filters</a>
        </p>
      </div>
    </div>
  );
}

function NoneFound({ visit }: { visit: Visit }) {
  return (
    <Empty title="No token matches">
      <p>
        Change the filters, or <a href={visit.at('/tokens')}>clear them</a>.
      </p>
    </Empty>
  );
}

function NoneYet({ visit }: { visit: Visit }) {
  const where = visit.environment === 'test' ? ' in the test environment' : '';
  return (
    <Empty title={visit.caller.principal.access === 'member' ? `You have no tokens${where}` : `No tokens${where} yet`}>
      <p>
        A token lets a program call your APIs within the scopes that you give it. Your services ask Tooken about it on
        each call, so revoking it takes effect at once.
      </p>
      {visit.may('issueToken') && (
        <p class="actions">
          <IssueLink visit={visit} />
        </p>
      )}
    </Empty>
  );
}

function IssueLink({ visit }: { visit: Visit }) {
  return (
    <a class="button button-primary" href={visit.at('/tokens/new')}>
      Issue token
    </a>
  );
}

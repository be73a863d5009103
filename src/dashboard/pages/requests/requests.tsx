import { namePrincipals } from '../../../introspection/usage/names.ts';
import type { Page } from '../../../lib/page.ts';
import { listRequests } from '../../../requests/read.ts';
import type { LoggedRequest } from '../../../requests/read-store.ts';
import { toServiceError } from '../../../web/failure.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { FilterProblems } from '../../parts/filter-problems.tsx';
import { Empty, Pager } from '../../parts/table.tsx';
import { counted } from '../../parts/times.ts';
import { CallTable } from './call-table.tsx';
import { type CallFilters, type CallProblem, callProblemsOf, readCallFilters } from './filters.ts';
import { CallFilterForm } from './filters-form.tsx';

/** The management calls that API keys and tokens have made, newest first. */
export function mountRequests(pages: Pages): void {
  pages.page('/requests', 'listRequests', async (visit) => {
    const filters = readCallFilters(visit.query);
    const found = await find(visit, filters);
    const calls = 'problems' in found ? [] : found.items;
    const ids = calls.map(({ principal }) => principal);
    return viewOf(visit, filters, found, await namePrincipals(visit.services, visit.caller, ids));
  });
}

type Found = Page<LoggedRequest> | { readonly problems: readonly CallProblem[] };

/** Filters that mean nothing, and a cursor that is not of this list, are said instead of a list. */
async function find({ services, caller }: Visit, { read }: CallFilters): Promise<Found> {
  if ('problems' in read) return read;
  try {
    return await listRequests(services, caller, read.input);
  } catch (thrown) {
    return { problems: callProblemsOf(toServiceError(thrown)) };
  }
}

function viewOf(visit: Visit, filters: CallFilters, found: Found, names: ReadonlyMap<string, string>): View {
  return {
    title: 'Requests',
    section: 'requests',
    body: (
      <>
        <p class="muted">
          Every management call with an API key or a token, whatever came of it. {keptText(visit)} What people do is in
          the audit log, and introspections are counted with the tokens.
        </p>
        <CallFilterForm filters={filters} names={names} />
        <div id="results" class="stack">
          {'problems' in found ? (
            <FilterProblems problems={found.problems} href={visit.at('/requests')} nouns="calls" />
          ) : (
            <Results visit={visit} filters={filters} page={found} names={names} />
          )}
        </div>
      </>
    ),
  };
}

function keptText({ services }: Visit): string {
  const { requestLogDays } = services.config;
  return requestLogDays === null ? '' : `Calls are kept for ${counted(requestLogDays, 'day')}.`;
}

interface ResultsProps {
  readonly visit: Visit;
  readonly filters: CallFilters;
  readonly page: Page<LoggedRequest>;
  readonly names: ReadonlyMap<string, string>;
}

function Results({ visit, filters, page, names }: ResultsProps) {
  const here = visit.at('/requests');
  const isFirst = visit.query.get('cursor') === null;
  return (
    <>
      {page.items.length === 0 ? (
        <NoCalls visit={visit} isFiltered={filters.set.length > 0} />
      ) : (
        <CallTable visit={visit} calls={page.items} names={names} />
      )}
      <Pager
        newest={isFirst ? undefined : filters.hrefOf(here)}
        next={page.nextCursor === null ? undefined : filters.hrefOf(here, { cursor: page.nextCursor })}
      />
    </>
  );
}

function NoCalls({ visit, isFiltered }: { visit: Visit; isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <Empty title="No call matches these filters">
        <p>
          Loosen them, or <a href={visit.at('/requests')}>show all calls</a>.
        </p>
      </Empty>
    );
  }
  if (visit.services.config.requestLogDays === null) {
    return (
      <Empty title="Calls are not kept">
        <p>
          The log of calls is turned off for this service: <code>TOOKEN_REQUEST_LOG_DAYS</code> says for how long calls
          are kept. The audit log has every change, with or without it.
        </p>
      </Empty>
    );
  }
  return (
    <Empty title={`No calls in the ${visit.environment} environment yet`}>
      <p>
        A call is here as soon as it is answered: which route, with which credential, from where, and what came of it.
        Neither query nor body is kept.
      </p>
    </Empty>
  );
}

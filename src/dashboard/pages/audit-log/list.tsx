import { type EventPage, queryEvents, sizeForRead } from '../../../audit/queries/read.ts';
import { viewerOf } from '../../../web/audit-filters.ts';
import { toServiceError } from '../../../web/failure.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { FilterProblems } from '../../parts/filter-problems.tsx';
import { Empty, Pager } from '../../parts/table.tsx';
import { type LogFilters, type Problem, problemsOf, readFilters } from './filters.ts';
import { FilterForm } from './filters-form.tsx';
import { type Activity, ActivityCard, readActivity } from './list-activity.tsx';
import { rowOf } from './list-row.ts';
import { EventTable, RowTemplate } from './list-table.tsx';
import { LivePanel } from './tail-panel.tsx';

const PAGE_SIZE = 50;

/** The events of the log, newest first. */
export function mountEventList(pages: Pages): void {
  pages.page('/audit-log', 'listAuditEvents', async (visit) => {
    const filters = readFilters(visit.query);
    return viewOf(visit, filters, await find(visit, filters));
  });
}

interface Found {
  readonly page: EventPage;
  /** The leaf index up to which the list shows all that is wanted. */
  readonly position: number;
  readonly activity: Activity | undefined;
}

/** Filters that mean nothing, and a cursor that is not of this list, are said instead of a list. */
async function find(visit: Visit, { read }: LogFilters): Promise<Found | { readonly problems: readonly Problem[] }> {
  if ('problems' in read) return read;
  const { db } = visit.services;
  const viewer = viewerOf(visit.caller);
  try {
    const size = await sizeForRead(db, viewer);
    const [page, activity] = await Promise.all([
      queryEvents(visit.services, viewer, read.filters, { order: 'desc', limit: PAGE_SIZE, cursor: read.cursor }),
      read.cursor === undefined ? readActivity(visit, read.filters) : undefined,
    ]);
    return { page, position: Math.max(size - 1, page.events[0]?.leaf_index ?? -1), activity };
  } catch (thrown) {
    return { problems: problemsOf(toServiceError(thrown)) };
  }
}

function viewOf(visit: Visit, filters: LogFilters, found: Awaited<ReturnType<typeof find>>): View {
  return {
    title: 'Audit log',
    section: 'audit-log',
    scripts: ['tail.js'],
    actions: (
      <>
        {visit.may('erasePersonalData') && (
          <a class="button button-quiet" href={visit.at('/audit-log/erase')}>
            Erase personal data
          </a>
        )}
        <a class="button" href={visit.at('/audit-log/verify')}>
          Verify the log
        </a>
      </>
    ),
    body: (
      <>
        <p class="muted">
          Who did what, when and from where.
          {visit.environment === 'live' && ' What concerns the whole workspace is here, too.'} Nobody can change it
          without being noticed.
        </p>
        <FilterForm filters={filters} events={'problems' in found ? [] : found.page.events} />
        <div id="results" class="stack">
          {'problems' in found ? (
            <FilterProblems problems={found.problems} href={visit.at('/audit-log')} nouns="events" />
          ) : (
            <Results visit={visit} filters={filters} found={found} />
          )}
        </div>
        <RowTemplate />
      </>
    ),
  };
}

function Results({ visit, filters, found }: { visit: Visit; filters: LogFilters; found: Found }) {
  const { page, position, activity } = found;
  const isFirst = visit.query.get('cursor') === null;
  const isActive = activity?.buckets.some(({ success, denied, failure }) => success + denied + failure > 0) === true;
  const here = visit.at('/audit-log');
  return (
    <>
      {isActive && <ActivityCard visit={visit} filters={filters} activity={activity} />}
      <div class="log-tools">
        {/* What is yet to come is neither on an older page nor before an end. */}
        {isFirst && !filters.form.has('until') && (
          <LivePanel stream={filters.hrefOf(visit.at('/audit-log/stream'), { after: String(position) })} />
        )}
        {visit.may('exportAuditLog') && (
          <a class="button" href={filters.hrefOf(visit.at('/audit-log/export'))}>
            Export
          </a>
        )}
      </div>
      <EventTable
        rows={page.events.map((event) => rowOf(event, visit.at))}
        now={visit.now}
        isHidden={page.events.length === 0}
      />
      {page.events.length === 0 && <NoEvents visit={visit} filters={filters} />}
      <Pager
        newest={isFirst ? undefined : filters.hrefOf(here)}
        next={page.nextCursor === null ? undefined : filters.hrefOf(here, { cursor: page.nextCursor })}
      />
    </>
  );
}

function NoEvents({ visit, filters }: { visit: Visit; filters: LogFilters }) {
  return filters.set.length > 0 ? (
    <Empty title="No event matches these filters">
      <p>
        Loosen them, or <a href={visit.at('/audit-log')}>show all events</a>.
      </p>
    </Empty>
  ) : (
    <Empty title={`Nothing has happened in the ${visit.environment} environment yet`}>
      <p>Every change leaves an event here, and so do denied calls and first uses of tokens.</p>
    </Empty>
  );
}

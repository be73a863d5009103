import type { AuditFilters } from '../../../audit/queries/filters.ts';
import { countEvents } from '../../../audit/queries/histogram.ts';
import { viewerOf } from '../../../web/audit-filters.ts';
import { toServiceError } from '../../../web/failure.ts';
import type { Visit } from '../../kernel/visit.ts';
import { TimeChart } from '../../parts/chart.tsx';
import { Card } from '../../parts/facts.tsx';
import type { LogFilters } from './filters.ts';

export interface Activity {
  readonly unit: 'hour' | 'day' | 'month';
  readonly buckets: Awaited<ReturnType<typeof countEvents>>;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DEFAULT_DAYS = 30;

/**
 * How many events there were over time, in intervals that are few enough to be looked at. Undefined where that is not counted:
 * by who, what and where from, and over more time than anybody draws.
 */
export async function readActivity(
  { services, caller, now }: Visit,
  filters: AuditFilters,
): Promise<Activity | undefined> {
  const { actions, outcomes, since, until, ...uncounted } = filters;
  if (Object.values(uncounted).some((value) => value !== undefined)) return undefined;
  const end = until ?? now;
  const start = since ?? new Date(end.getTime() - DEFAULT_DAYS * DAY_MS);
  const unit = unitFor(end.getTime() - start.getTime());
  try {
    const request = { interval: unit, timeZone: 'UTC', since: start, until: end, actions, outcomes };
    return { unit, buckets: await countEvents(services.db, viewerOf(caller), request) };
  } catch (thrown) {
    if (toServiceError(thrown).code === 'validation_failed') return undefined;
    throw thrown;
  }
}

function unitFor(spanMs: number): Activity['unit'] {
  if (spanMs <= 3 * DAY_MS) return 'hour';
  return spanMs <= 120 * DAY_MS ? 'day' : 'month';
}

const SERIES = [
  { name: 'Success', tone: 1 },
  { name: 'Denied', tone: 2 },
  { name: 'Failure', tone: 3 },
] as const;

/** The events over time by outcome; its table leads to the events of each interval. */
export function ActivityCard({ visit, filters, activity }: { visit: Visit; filters: LogFilters; activity: Activity }) {
  const { unit, buckets } = activity;
  return (
    <Card title="Activity">
      <TimeChart
        title={`Events per ${unit}`}
        unit={unit}
        series={SERIES}
        buckets={buckets.map(({ start, end, success, denied, failure }) => ({
          start,
          values: [success, denied, failure],
          href: filters.hrefOf(visit.at('/audit-log'), rangeOf(start, end, unit)),
        }))}
      />
    </Card>
  );
}

/** The interval as the filters have it: days with all of them, hours to the second. */
function rangeOf(start: Date, end: Date, unit: Activity['unit']): { since: string; until: string } {
  if (unit === 'hour') return { since: secondText(start), until: secondText(end) };
  return { since: dayText(start), until: dayText(new Date(end.getTime() - 1)) };
}

function secondText(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

function dayText(at: Date): string {
  return at.toISOString().slice(0, 10);
}

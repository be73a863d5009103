import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';

export const INTERVALS = ['hour', 'day', 'week', 'month'] as const;
export type Interval = (typeof INTERVALS)[number];

export interface HistogramSelection {
  readonly logId: string;
  readonly environment: 'live' | 'test';
  readonly interval: Interval;
  /** Of the IANA database, or one more name that the server knows. */
  readonly timeZone: string;
  readonly since: Date;
  readonly until: Date;
  readonly actions: readonly string[] | undefined;
  readonly outcomes: readonly string[] | undefined;
}

export interface BucketRow {
  readonly start: Date;
  readonly end: Date;
  readonly success: number;
  readonly denied: number;
  readonly failure: number;
}

/**
 * The events of each interval, from the one that holds `since` to the one that holds the last instant before `until`, those
 * without any too. Days, weeks and months begin at midnight where `timeZone` is, so a day may have 23 or 25 hours; hours are
 * 60 minutes each. All of them begin on a quarter of an hour in any zone there is, as the counts do.
 *
 * Fails with SQLSTATE 22023 if the server does not know the zone.
 */
export async function countByInterval(db: Database, selection: HistogramSelection): Promise<BucketRow[]> {
  const sql = clientOf(db);
  const { interval, timeZone, logId, environment, actions, outcomes } = selection;
  const [since, until] = [selection.since.toISOString(), selection.until.toISOString()];
  const step = `1 ${interval}`;
  // Midnights are counted on the clocks of the zone, and only then turned into instants: some do not exist there.
  const intervals =
    interval === 'hour'
      ? sql`
          select start as beginning, start + ${step}::interval as ending from generate_series(
            date_trunc('hour', ${since}::timestamptz, ${timeZone}), ${until}::timestamptz, ${step}::interval) as start`
      : sql`
          select local at time zone ${timeZone} as beginning, (local + ${step}::interval) at time zone ${timeZone} as ending
          from generate_series(
            date_trunc(${interval}, ${since}::timestamptz at time zone ${timeZone}),
            ${until}::timestamptz at time zone ${timeZone}, ${step}::interval) as local`;
  const rows = await sql<{ start: string; end: string; success: string; denied: string; failure: string }[]>`
    with intervals as materialized (${intervals})
    select beginning as start, ending as end, counted.success, counted.denied, counted.failure
    from intervals cross join lateral (
      select coalesce(sum(events) filter (where outcome = 'success'), 0) as success,
        coalesce(sum(events) filter (where outcome = 'denied'), 0) as denied,
        coalesce(sum(events) filter (where outcome = 'failure'), 0) as failure
      from audit_counts
      where log_id = ${logId} and environment = ${environment} and bucket >= beginning and bucket < ending
        ${actions ? sql`and action = any(${[...actions]}::text[])` : sql``}
        ${outcomes ? sql`and outcome = any(${[...outcomes]}::text[])` : sql``}
    ) as counted
    where beginning < ${until}::timestamptz
    order by beginning`;
  return rows.map((row) => ({
    start: new Date(row.start),
    end: new Date(row.end),
    success: Number(row.success),
    denied: Number(row.denied),
    failure: Number(row.failure),
  }));
}

import type { Database } from '../../db/connection.ts';
import { databaseErrorCode } from '../../db/errors.ts';
import { ServiceError } from '../../lib/errors.ts';
import { type AuditFilters, type AuditViewer, actionsOf } from './filters.ts';
import { type BucketRow, countByInterval, type Interval } from './histogram-store.ts';
import { logOf, sizeForRead } from './read.ts';

export interface HistogramRequest extends Pick<AuditFilters, 'actions' | 'outcomes'> {
  readonly interval: Interval;
  readonly timeZone: string;
  readonly since: Date;
  readonly until: Date;
}

/** More than that nobody draws. */
export const MAX_BUCKETS = 1_000;
/** The least that an interval takes, in hours: a day in which clocks go forward, and a February. */
const SHORTEST_HOURS = { hour: 1, day: 23, week: 7 * 24 - 1, month: 28 * 24 - 1 };
const HOUR_MS = 3_600_000;

/**
 * How many events of each outcome there were in each interval, whole intervals always, the empty ones too. Counts every
 * event that was answered before the call. Throws `validation_failed` for a time zone that is none, a range without a
 * length, and one that takes more than {@link MAX_BUCKETS} intervals.
 */
export async function countEvents(db: Database, viewer: AuditViewer, request: HistogramRequest): Promise<BucketRow[]> {
  const { interval, timeZone, since, until, actions, outcomes } = request;
  if (until <= since) throw invalid('until', 'must be later than since');
  if (!isTimeZone(timeZone)) throw invalid('time_zone', ZONE_PROBLEM);
  // Before the database makes the intervals, which could be millions.
  const most = (until.getTime() - since.getTime()) / (SHORTEST_HOURS[interval] * HOUR_MS);
  if (most > 2 * MAX_BUCKETS) throw tooMany();
  await sizeForRead(db, viewer);
  const selection = {
    ...logOf(viewer),
    interval,
    timeZone,
    since,
    until,
    actions: actions && actionsOf(actions),
    outcomes,
  };
  const buckets = await countByInterval(db, selection).catch((error: unknown) => {
    throw databaseErrorCode(error) === UNKNOWN_ZONE ? invalid('time_zone', ZONE_PROBLEM) : error;
  });
  if (buckets.length > MAX_BUCKETS) throw tooMany();
  return buckets;
}

const UNKNOWN_ZONE = '22023';
const ZONE_PROBLEM = 'must be a time zone of the IANA database, such as Europe/Berlin or UTC';
/** Names only: the database would also take offsets and rules, with signs the other way round. */
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_]*(?:[/-][A-Za-z0-9_+]+){0,3}$/;

function isTimeZone(name: string): boolean {
  if (!ZONE_NAME.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function tooMany(): ServiceError {
  return invalid('interval', `must be longer, or the range shorter: at most ${MAX_BUCKETS} intervals are counted`);
}

function invalid(path: string, message: string): ServiceError {
  return new ServiceError('validation_failed', { details: [{ path, message }] });
}

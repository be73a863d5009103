import type { Database } from '../../db/connection.ts';
import type { Caller } from '../../identity/principal.ts';
import type { Clock } from '../../lib/clock.ts';
import { realmOf } from '../../tokens/realm.ts';
import { BUCKET_SECONDS } from './buckets.ts';
import { selectUses, type Uses, type UsesRow } from './totals-store.ts';

/** The uses within one hour or one day, both of UTC. */
export interface ActivityInterval extends Uses {
  readonly startsAt: Date;
}

/** Uses over time, oldest first, without gaps; the last interval of each is the present one. */
export interface Activity {
  readonly hours: readonly ActivityInterval[];
  readonly days: readonly ActivityInterval[];
}

export interface ActivityRequest {
  /** 1 to 2,160; 24 unless given. */
  readonly hours?: number;
  /** 1 to 400; 30 unless given. */
  readonly days?: number;
}

/**
 * How often the tokens that the caller sees were used. Who sees the tokens of everybody is also told of what was presented and
 * led to no token. Costs a few rows an hour, but as many as there were uses for a member who sees only its own tokens.
 */
export async function readActivity(
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  { principal }: Caller,
  { hours = 24, days = 30 }: ActivityRequest = {},
): Promise<Activity> {
  const now = clock.now();
  const starts = { hour: startsUpTo(now, 'hour', hours), day: startsUpTo(now, 'day', days) };
  const [hour = now] = starts.hour;
  const [day = now] = starts.day;
  const rows = await selectUses(db, realmOf(principal), { hour, day });
  return fillIntervals(starts, rows);
}

/** `rows` in their intervals, of which those without a row had no uses. */
export function fillIntervals(
  starts: Readonly<Record<'hour' | 'day', readonly Date[]>>,
  rows: readonly UsesRow[],
): Activity {
  const found = new Map(rows.map((row) => [`${row.bucket} ${row.startsAt.getTime()}`, row]));
  const intervals = (bucket: 'hour' | 'day') =>
    starts[bucket].map((startsAt) => {
      const uses = found.get(`${bucket} ${startsAt.getTime()}`);
      return { startsAt, accepted: uses?.accepted ?? 0, denied: uses?.denied ?? 0 };
    });
  return { hours: intervals('hour'), days: intervals('day') };
}

/** The starts of the last `count` hours or days of UTC, the present one included, oldest first. */
export function startsUpTo(now: Date, bucket: 'hour' | 'day', count: number): Date[] {
  const lengthMs = BUCKET_SECONDS[bucket] * 1000;
  const last = Math.floor(now.getTime() / lengthMs) * lengthMs;
  return Array.from({ length: count }, (_, n) => new Date(last - (count - 1 - n) * lengthMs));
}

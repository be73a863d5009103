import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';
import { END_OF_LOG } from './read-store.ts';

/** A range of leaves, both ends excluded. */
export interface LeafRange {
  readonly after: number;
  readonly before: number;
}

/**
 * The leaves among which are all with `since` <= occurred_at < `until`, and few others. Leaves are in order of commit,
 * not of `occurred_at`: clocks differ and transactions take their time. So each leaf also has `logged_at`, the latest
 * `occurred_at` up to it, which never falls from leaf to leaf. For a leaf that occurred in the range:
 *
 * - its `logged_at` >= its `occurred_at` >= `since`: it is not below the first leaf whose `logged_at` >= `since`;
 * - if its `logged_at` is at most a minute past its `occurred_at`, then `logged_at` < `until` + 1 minute: it is below the
 *   first leaf whose `logged_at` >= `until` + 1 minute;
 * - the rest came late, by a clock that is off or after a repair. They have an index of their own, which is empty as
 *   long as all is well, and the range is extended to the last of them that matters. (`offset 0` keeps the planner from
 *   looking for that one backwards through the whole log.)
 */
export async function leafRangeOf(
  db: Database,
  logId: string,
  since: Date | undefined,
  until: Date | undefined,
): Promise<LeafRange> {
  if (since === undefined && until === undefined) return { after: -1, before: END_OF_LOG };
  const from = since?.toISOString() ?? '-infinity';
  const to = until?.toISOString() ?? 'infinity';
  const [row] = await clientOf(db)<{ first: string | null; past: string | null; late: string | null }[]>`
    select (
      select leaf_index from audit_leaves
      where log_id = ${logId} and logged_at >= ${from}::timestamptz
      order by logged_at, leaf_index limit 1
    ) as first, (
      select leaf_index from audit_leaves
      where log_id = ${logId} and logged_at >= ${to}::timestamptz + interval '1 minute'
      order by logged_at, leaf_index limit 1
    ) as past, (
      select max(leaf_index) from (
        select leaf_index from audit_leaves
        where log_id = ${logId} and logged_at - occurred_at > interval '1 minute'
          and occurred_at >= ${from}::timestamptz and occurred_at < ${to}::timestamptz
        offset 0
      ) as latecomers
    ) as late`;
  const first = row?.first ?? null;
  const past = row?.past ?? null;
  return {
    after: first === null ? END_OF_LOG : Number(first) - 1,
    before: past === null ? END_OF_LOG : Math.max(Number(past), Number(row?.late ?? -1) + 1),
  };
}

import type { Database } from '../db/connection.ts';
import type { Clock } from '../lib/clock.ts';
import { releaseFinished, type TokenGroup } from './store/grouped.ts';

/** So many rows change in one statement. */
const BATCH_SIZE = 1_000;

/**
 * Takes the finished tokens out of a role or a project that is about to be deleted, batch by batch: deleting it would take
 * all of them out in one statement, however many that are.
 */
export async function releaseFinishedTokens(
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  group: TokenGroup,
): Promise<void> {
  for (let released = BATCH_SIZE; released === BATCH_SIZE; ) {
    released = await releaseFinished(db, group, clock.now(), BATCH_SIZE);
  }
}

/** Beyond this nobody needs to know how many it is exactly. */
export const MAX_COUNTED = 1_000;

/** `7 live tokens`, `1 live token`, `more than 1,000 live tokens`. */
export function sayCount(count: number, singular: string): string {
  if (count > MAX_COUNTED) return `more than ${MAX_COUNTED.toLocaleString('en')} ${singular}s`;
  return `${count} ${singular}${count === 1 ? '' : 's'}`;
}

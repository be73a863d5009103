import type { Database } from '../../db/connection.ts';
import type { Caller } from '../../identity/principal.ts';
import type { Clock } from '../../lib/clock.ts';
import type { TokenId } from '../../lib/ids.ts';
import { getToken } from '../../tokens/list.ts';
import { type Activity, fillIntervals, startsUpTo } from './activity.ts';
import { type SourceUses, selectSourcesOfToken, selectUsesOfToken } from './token-uses-store.ts';

/** How one token was used, over time and from where, what was denied included. */
export interface TokenUses {
  /** The last 24 hours and 30 days. */
  readonly activity: Activity;
  /** Of the last 30 days: up to twenty, the latest first. */
  readonly sources: readonly SourceUses[];
}

const HOURS = 24;
const DAYS = 30;
const SHOWN = 20;

/** Days and hours are those of UTC. @throws ServiceError `not_found` if the caller sees none of that id */
export async function readTokenUses(
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  caller: Caller,
  tokenId: TokenId,
): Promise<TokenUses> {
  await getToken({ db }, caller, tokenId);
  const now = clock.now();
  const starts = { hour: startsUpTo(now, 'hour', HOURS), day: startsUpTo(now, 'day', DAYS) };
  const [hour = now] = starts.hour;
  const [day = now] = starts.day;
  const [rows, sources] = await Promise.all([
    selectUsesOfToken(db, tokenId, { hour, day }),
    selectSourcesOfToken(db, { tokenId, since: day }, SHOWN),
  ]);
  return { activity: fillIntervals(starts, rows), sources };
}

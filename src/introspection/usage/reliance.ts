import type { Database } from '../../db/connection.ts';
import type { Caller } from '../../identity/principal.ts';
import { countLiveTokens } from '../../keys/issued-tokens-store.ts';
import { getApiKey } from '../../keys/list.ts';
import type { Clock } from '../../lib/clock.ts';
import type { ApiKeyId, TokenId } from '../../lib/ids.ts';
import { getToken } from '../../tokens/list.ts';
import { realmOf } from '../../tokens/realm.ts';
import { startsUpTo } from './activity.ts';
import {
  countLiveDescendants,
  type IntrospectorReliance,
  type SourceReliance,
  selectDailyUses,
  selectIntrospectors,
  selectSources,
} from './reliance-store.ts';
import { sumIntrospections } from './totals-store.ts';

/** Who relies on a credential: what its end will break. */
interface Reliance {
  readonly lastUsedAt: Date | null;
  /** An address; null if unknown. */
  readonly lastUsedFrom: string | null;
  /** Tokens that were issued with it and are neither revoked nor expired; they live on. */
  readonly issuedTokens: LiveTokens;
}

export interface LiveTokens {
  /** At most 10,000. */
  readonly count: number;
  readonly isMore: boolean;
}

/** Uses that were good; what was denied has nothing to lose. Days are those of UTC. */
export interface TokenReliance extends Reliance {
  readonly usesToday: number;
  /** Today and on the six days before. */
  readonly usesIn7Days: number;
  /** Of the last 30 days: up to ten each, the latest first. */
  readonly sources: readonly SourceReliance[];
  readonly introspectors: readonly IntrospectorReliance[];
}

export interface ApiKeyReliance extends Reliance {
  /** How often it asked about tokens, whatever the answer. */
  readonly introspectionsToday: number;
  readonly introspectionsIn7Days: number;
}

interface RelianceDeps {
  readonly db: Database;
  readonly clock: Clock;
}

const MOST_COUNTED = 10_000;
const SHOWN = 10;

/** What revoking a token will break. @throws ServiceError `not_found` if the caller sees none of that id */
export async function readTokenReliance(
  { db, clock }: RelianceDeps,
  caller: Caller,
  tokenId: TokenId,
): Promise<TokenReliance> {
  const token = await getToken({ db }, caller, tokenId);
  const realm = realmOf(caller.principal);
  const now = clock.now();
  const { today, week, month } = daysUpTo(now);
  const uses = { tokenId, since: month };
  const [sources, introspectors, days, issued] = await Promise.all([
    selectSources(db, uses, SHOWN),
    selectIntrospectors(db, realm, uses, SHOWN),
    selectDailyUses(db, { tokenId, since: week }),
    countLiveDescendants(db, realm, { tokenId, now, limit: MOST_COUNTED + 1 }),
  ]);
  const usesSince = (since: Date) =>
    days.filter(({ startsAt }) => startsAt >= since).reduce((sum, day) => sum + day.uses, 0);
  return {
    lastUsedAt: token.lastUsedAt,
    lastUsedFrom: token.lastUsedFrom,
    usesToday: usesSince(today),
    usesIn7Days: usesSince(week),
    sources,
    introspectors,
    issuedTokens: upToMost(issued),
  };
}

/**
 * What deleting or regenerating an API key will break.
 *
 * @throws ServiceError `not_found`, also for a key of another workspace
 */
export async function readApiKeyReliance(
  { db, clock }: RelianceDeps,
  { principal: { workspaceId } }: Caller,
  id: ApiKeyId,
): Promise<ApiKeyReliance> {
  const apiKey = await getApiKey({ db }, workspaceId, id);
  const now = clock.now();
  const { today, week } = daysUpTo(now);
  const [introspectionsToday, introspectionsIn7Days, issued] = await Promise.all([
    sumIntrospections(db, id, today),
    sumIntrospections(db, id, week),
    countLiveTokens(db, workspaceId, apiKey, { now, limit: MOST_COUNTED + 1 }),
  ]);
  const { lastUsedAt, lastUsedFrom } = apiKey;
  return { lastUsedAt, lastUsedFrom, introspectionsToday, introspectionsIn7Days, issuedTokens: upToMost(issued) };
}

function daysUpTo(now: Date): { readonly today: Date; readonly week: Date; readonly month: Date } {
  const start = (days: number) => startsUpTo(now, 'day', days)[0] ?? now;
  return { today: start(1), week: start(7), month: start(30) };
}

function upToMost(counted: number): LiveTokens {
  return { count: Math.min(counted, MOST_COUNTED), isMore: counted > MOST_COUNTED };
}

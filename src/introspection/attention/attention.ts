import { countEvents } from '../../audit/queries/histogram.ts';
import { queryEvents } from '../../audit/queries/read.ts';
import type { Database } from '../../db/connection.ts';
import { seesAllTokens } from '../../identity/access-level.ts';
import type { Caller, Principal } from '../../identity/principal.ts';
import type { Clock } from '../../lib/clock.ts';
import type { CursorCodec } from '../../lib/cursor.ts';
import type { TokenId } from '../../lib/ids.ts';
import { type Realm, realmOf } from '../../tokens/realm.ts';
import { readActivity, startsUpTo } from '../usage/activity.ts';
import { selectMostDenied, selectNewlySeen } from './denials-store.ts';
import { type Count, type Finding, findIdle, readStanding, selectGlances, type TokenGlance } from './findings-store.ts';

/** What the people of a workspace should look at. All of it is about what the caller sees, and nothing else. */
export interface Attention {
  /** Tokens that work: active, and their owner, if they have one, is still there. */
  readonly active: Count;
  readonly neverExpiring: TokensToLookAt;
  /** Neither used nor issued within 90 days; the longest idle first. */
  readonly idle: TokensToLookAt;
  /** Those that end within 14 days, the soonest first. */
  readonly expiring: TokensToLookAt;
  /** Uses of tokens since midnight UTC, the denied ones included. */
  readonly usesToday: number;
  /** Tokens that were presented to a service, or to Tooken, and were not good there and then. */
  readonly deniedUses: RecentCount & {
    /** The tokens that were denied most often in the last 24 hours. */
    readonly tokens: readonly { readonly token: TokenGlance; readonly count: number }[];
  };
  /** Calls to Tooken itself that were refused, as the audit log tells; null for who may not read that. */
  readonly refusedCalls: RecentCount | null;
  /** Tokens that have come, in the last 7 days, from where they had not come from; the latest first. */
  readonly newSources: readonly NewSource[];
}

export interface TokensToLookAt extends Count {
  /** The first five. */
  readonly tokens: readonly TokenGlance[];
}

/** By the hour: that of now and the 23 before it, and the 24 before those. */
export interface RecentCount {
  readonly last24Hours: number;
  readonly before: number;
}

export interface NewSource {
  readonly tokenId: TokenId;
  /** Null once that was erased. */
  readonly tokenName: string | null;
  /** Null if it was erased, or if the token has come from too many to tell them apart. */
  readonly address: string | null;
  readonly at: Date;
}

export interface AttentionDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly cursors: CursorCodec;
}

const DAY_MS = 86_400_000;
export const IDLE_DAYS = 90;
export const EXPIRING_DAYS = 14;
const NEW_SOURCE_DAYS = 7;
const SHOWN = 5;

/** Counts up to 10,000 of each kind; of tokens that may be idle it looks at 5,000. */
export async function readAttention(deps: AttentionDeps, caller: Caller): Promise<Attention> {
  const { db } = deps;
  const realm = realmOf(caller.principal);
  const now = deps.clock.now();
  const [lastHours = now] = startsUpTo(now, 'hour', 24);
  const [{ active, neverExpiring, expiring }, idle, activity, denied, refusedCalls, newSources] = await Promise.all([
    readStanding(db, realm, now, days(now, EXPIRING_DAYS)),
    findIdle(db, realm, now, days(now, -IDLE_DAYS)),
    readActivity(deps, caller, { hours: 48, days: 1 }),
    selectMostDenied(db, realm, lastHours, SHOWN),
    seesAuditLog(caller.principal) ? countRefusedCalls(db, realm, now) : null,
    findNewSources(deps, realm, now),
  ]);
  const findings = [neverExpiring, idle, expiring];
  const ids = [...findings.flatMap(({ first }) => first), ...denied.map(({ tokenId }) => tokenId)];
  const glances = await selectGlances(db, realm, [...new Set(ids)]);
  const lookAt = ({ first, ...count }: Finding): TokensToLookAt => ({
    ...count,
    tokens: first.flatMap((id) => glances.get(id) ?? []),
  });
  return {
    active,
    neverExpiring: lookAt(neverExpiring),
    idle: lookAt(idle),
    expiring: lookAt(expiring),
    usesToday: activity.days.reduce((sum, day) => sum + day.accepted + day.denied, 0),
    deniedUses: {
      ...recent(activity.hours.map((hour) => hour.denied)),
      tokens: denied.flatMap(({ tokenId, count }) => {
        const token = glances.get(tokenId);
        return token === undefined ? [] : [{ token, count }];
      }),
    },
    refusedCalls,
    newSources,
  };
}

/** Credentials that were refused, and calls that lacked a right. */
async function countRefusedCalls(db: Database, realm: Realm, now: Date): Promise<RecentCount> {
  const [since = now, ...others] = startsUpTo(now, 'hour', 48);
  const until = new Date((others.at(-1) ?? since).getTime() + 3_600_000);
  const actions = ['authentication.failed', 'request.denied'];
  const hours = await countEvents(db, realm, { actions, interval: 'hour', timeZone: 'UTC', since, until });
  return recent(hours.map(({ success, denied, failure }) => success + denied + failure));
}

/** Of 48 hours. */
function recent(hours: readonly number[]): RecentCount {
  const sum = (some: readonly number[]) => some.reduce((total, count) => total + count, 0);
  return { last24Hours: sum(hours.slice(-24)), before: sum(hours.slice(0, -24)) };
}

async function findNewSources(deps: AttentionDeps, realm: Realm, now: Date): Promise<NewSource[]> {
  const since = days(now, -NEW_SOURCE_DAYS);
  const targets = realm.ownerId === null ? undefined : await selectNewlySeen(deps.db, realm, since);
  if (targets?.length === 0) return [];
  const filters = { actions: ['token.used_from_new_source'], since, targets };
  const { events } = await queryEvents(deps, realm, filters, { order: 'desc', limit: SHOWN });
  return events.flatMap(({ targets: [token], source, occurred_at: at }) =>
    token === undefined
      ? []
      : [{ tokenId: token.id as TokenId, tokenName: token.name, address: source?.ip ?? null, at: new Date(at) }],
  );
}

/** Events are not divided by owner, so who sees only some tokens sees none of them. */
function seesAuditLog(principal: Principal): boolean {
  switch (principal.kind) {
    case 'member':
      return seesAllTokens(principal.access);
    case 'token':
      return (
        principal.scopes.includes('audit:read') && (principal.owner === null || seesAllTokens(principal.owner.access))
      );
    default:
      return true;
  }
}

function days(from: Date, count: number): Date {
  return new Date(from.getTime() + count * DAY_MS);
}

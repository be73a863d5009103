import { countEvents } from '../src/audit/queries/histogram.ts';
import { queryEvents } from '../src/audit/queries/read.ts';
import type { Database } from '../src/db/connection.ts';
import type { Caller, MemberPrincipal } from '../src/identity/principal.ts';
import { readAttention } from '../src/introspection/attention/attention.ts';
import { readActivity } from '../src/introspection/usage/activity.ts';
import { readApiKeyReliance, readTokenReliance } from '../src/introspection/usage/reliance.ts';
import { systemClock } from '../src/lib/clock.ts';
import { createCursorCodec } from '../src/lib/cursor.ts';
import { type MemberId, newId, type TokenId } from '../src/lib/ids.ts';
import { systemRandom } from '../src/lib/random.ts';
import { listTokens } from '../src/tokens/list.ts';
import type { SeededWorkspace } from './seed/workspace.ts';

/** Something that a page reads. */
export interface Reading {
  readonly name: string;
  /** `n` counts up, for those that should not always read the same. */
  read(n: number): Promise<unknown>;
}

const WARM_UPS = 10;
const DAY_MS = 86_400_000;

interface Place {
  readonly db: Database;
  readonly workspace: SeededWorkspace;
  readonly memberId: MemberId;
  /** Tokens that were used lately. */
  readonly tokenIds: readonly TokenId[];
}

/** What pages read most. */
export function readingsOf({ db, workspace, memberId, tokenIds }: Place): Reading[] {
  const deps = { db, clock: systemClock, cursors: createCursorCodec(Buffer.alloc(32, 1)) };
  const admin = memberOf(workspace, memberId, 'admin');
  const member = memberOf(workspace, memberId, 'member');
  const viewer = { workspaceId: workspace.id, environment: 'live' } as const;
  const page = { order: 'desc', limit: 50 } as const;
  const month = () => {
    const until = systemClock.now();
    return { interval: 'day', timeZone: 'UTC', since: new Date(until.getTime() - 30 * DAY_MS), until } as const;
  };
  const forBoth = (name: string, read: (caller: Caller) => Promise<unknown>): Reading[] => [
    { name: `${name}, an admin`, read: () => read(admin) },
    { name: `${name}, a member with few of them`, read: () => read(member) },
  ];
  return [
    ...forBoth('what needs attention', (caller) => readAttention(deps, caller)),
    ...forBoth('uses over time', (caller) => readActivity(deps, caller)),
    ...forBoth('first page of tokens', (caller) => listTokens(deps, caller, { limit: 50 })),
    {
      name: 'who relies on a token',
      read: (n) => readTokenReliance(deps, admin, tokenIds[n % tokenIds.length] ?? newId('tkn', SOURCE)),
    },
    { name: 'who relies on an API key', read: () => readApiKeyReliance(deps, admin, workspace.apiKeyId) },
    { name: 'newest events', read: () => queryEvents(deps, viewer, {}, page) },
    { name: 'events a day', read: () => countEvents(db, viewer, month()) },
  ];
}

const SOURCE = { clock: systemClock, random: systemRandom };

function memberOf({ id }: SeededWorkspace, memberId: MemberId, access: MemberPrincipal['access']): Caller {
  const principal: MemberPrincipal = {
    kind: 'member',
    id: memberId,
    name: access,
    workspaceId: id,
    environment: 'live',
    access,
    scopes: [],
    sessionId: newId('ses', SOURCE),
    authenticatedAt: systemClock.now(),
  };
  return { principal, request: { id: 'bench', method: 'GET', route: '/', ip: null, userAgent: null } };
}

/** How long it took each time, in ms, ascending. */
export async function timesOf(read: Reading['read'], count: number): Promise<number[]> {
  const times: number[] = [];
  for (let n = -WARM_UPS; n < count; n += 1) {
    const start = performance.now();
    await read(n + WARM_UPS);
    if (n >= 0) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}

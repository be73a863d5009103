import { countEvents } from '../src/audit/queries/histogram.ts';
import { queryEvents } from '../src/audit/queries/read.ts';
import { type Database, openPool } from '../src/db/connection.ts';
import type { Caller, MemberPrincipal } from '../src/identity/principal.ts';
import { readAttention } from '../src/introspection/attention/attention.ts';
import { readActivity } from '../src/introspection/usage/activity.ts';
import { readApiKeyReliance, readTokenReliance } from '../src/introspection/usage/reliance.ts';
import { systemClock } from '../src/lib/clock.ts';
import { createCursorCodec } from '../src/lib/cursor.ts';
import { idFromUuid, type MemberId, newId, type TokenId } from '../src/lib/ids.ts';
import { systemRandom } from '../src/lib/random.ts';
import { listTokens } from '../src/tokens/list.ts';
import { seedAuditLog } from './seed/audit.ts';
import { seedMembers } from './seed/members.ts';
import { seedTokens } from './seed/tokens.ts';
import { seedUsage } from './seed/usage.ts';
import { type SeededWorkspace, seedWorkspace } from './seed/workspace.ts';
import type { Bench, Setting, Size } from './support/bench.ts';
import { whileKept } from './support/keep.ts';
import { number, progress, type Report } from './support/report.ts';
import { quantile } from './support/statistics.ts';

/** Whether the dashboard's pages come at once in a workspace with many tokens and a long log. */
export const pagesBench: Bench = {
  name: 'pages',
  about: 'what the pages of the dashboard read, in a workspace with many tokens, their usage and a long audit log',
  run: measurePages,
};

const TOKENS: Record<Size, number> = { quick: 10_000, full: 100_000, large: 1_000_000 };
const EVENTS: Record<Size, number> = { quick: 100_000, full: 1_000_000, large: 1_000_000 };
const READS: Record<Size, number> = { quick: 20, full: 60, large: 60 };
const WARM_UPS = 10;
const MEMBERS = 5;
const DAY_MS = 86_400_000;

interface Reading {
  readonly name: string;
  /** `n` counts up, for those that should not always read the same. */
  read(n: number): Promise<unknown>;
}

async function measurePages({ size, cluster }: Setting): Promise<Report> {
  return await whileKept(async (keep) => {
    const [tokens, events] = [TOKENS[size], EVENTS[size]];
    progress(`  seeding ${tokens.toLocaleString('en')} tokens with usage and ${events.toLocaleString('en')} events`);
    const database = await keep(cluster.createDatabase(`pages_${tokens}`));
    const { sql } = database;
    const workspace = await seedWorkspace(sql);
    await seedMembers(sql, workspace, MEMBERS);
    const members = (await sql<{ id: string }[]>`select id from members order by id`).map(({ id }) => id);
    await seedTokens(sql, workspace, tokens);
    await seedUsage(sql, workspace, members);
    await seedAuditLog(sql, workspace, events);
    await sql`checkpoint`;
    const used = await sql<
      { id: string }[]
    >`select credential_id as id from credential_uses order by last_used_at desc limit 50`;
    const pool = openPool(database.app, { maxConnections: 10, applicationName: 'tooken-bench' });
    await keep(Promise.resolve({ stop: () => pool.close() }));
    const readings = readingsOf({
      db: pool.db,
      workspace,
      memberId: idFromUuid('usr', members[0] ?? ''),
      tokenIds: used.map(({ id }) => idFromUuid('tkn', id)),
    });
    const rows: string[][] = [];
    for (const { name, read } of readings) {
      const times = await timesOf(read, READS[size]);
      progress(`  ${name}: ${number(quantile(times, 0.5))} ms`);
      rows.push([name, number(quantile(times, 0.5)), number(quantile(times, 0.95)), number(quantile(times, 1))]);
    }
    return reportOf(rows, tokens, events);
  });
}

interface Place {
  readonly db: Database;
  readonly workspace: SeededWorkspace;
  readonly memberId: MemberId;
  /** Tokens that were used lately. */
  readonly tokenIds: readonly TokenId[];
}

function readingsOf({ db, workspace, memberId, tokenIds }: Place): Reading[] {
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

/** In ms, ascending. */
async function timesOf(read: Reading['read'], count: number): Promise<number[]> {
  const times: number[] = [];
  for (let n = -WARM_UPS; n < count; n += 1) {
    const start = performance.now();
    await read(n + WARM_UPS);
    if (n >= 0) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}

function reportOf(rows: readonly (readonly string[])[], tokens: number, events: number): Report {
  return {
    title: `What pages read, of ${tokens.toLocaleString('en')} tokens and ${events.toLocaleString('en')} events`,
    notes: [
      'One reader, in this process, one reading after the other. Each member owns one in a hundred of the tokens; most tokens were used today.',
    ],
    columns: ['reading', 'p50 ms', 'p95 ms', 'most ms'],
    rows,
    goals: [],
  };
}

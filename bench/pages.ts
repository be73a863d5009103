import { openPool } from '../src/db/connection.ts';
import { idFromUuid } from '../src/lib/ids.ts';
import { readingsOf, timesOf } from './pages-readings.ts';
import { type VisitedPage, visitPages } from './pages-visits.ts';
import { seedAuditLog } from './seed/audit.ts';
import { seedBrowser } from './seed/browser.ts';
import { seedMembers } from './seed/members.ts';
import { seedNames, seedRequests } from './seed/surroundings.ts';
import { seedTokens } from './seed/tokens.ts';
import { seedUsage } from './seed/usage.ts';
import { seedWorkspace } from './seed/workspace.ts';
import type { Bench, Setting, Size } from './support/bench.ts';
import type { Database } from './support/cluster.ts';
import { whileKept } from './support/keep.ts';
import { number, progress, type Report } from './support/report.ts';
import { startService } from './support/service.ts';
import { quantile } from './support/statistics.ts';

/** Whether the dashboard's pages come at once in a workspace with many tokens and a long log. */
export const pagesBench: Bench = {
  name: 'pages',
  about:
    'the pages of the dashboard and what they read, in a workspace with many tokens, their usage and a long audit log',
  run: measurePages,
};

const TOKENS: Record<Size, number> = { quick: 10_000, full: 100_000, large: 1_000_000 };
const EVENTS: Record<Size, number> = { quick: 100_000, full: 1_000_000, large: 1_000_000 };
const REQUESTS: Record<Size, number> = { quick: 10_000, full: 100_000, large: 1_000_000 };
const READS: Record<Size, number> = { quick: 20, full: 60, large: 60 };
const MEMBERS = 200;
/** Of the members so many own tokens. */
const OWNERS = 5;
const NAMES = 100;
/** In ms until the last byte, and in kB of all that a first page needs. */
const MOST_MS = 50;
const MOST_KB = 100;

async function measurePages({ size, cluster, profileDir }: Setting): Promise<Report> {
  return await whileKept(async (keep) => {
    const [tokens, events] = [TOKENS[size], EVENTS[size]];
    progress(`  seeding ${tokens.toLocaleString('en')} tokens with usage and ${events.toLocaleString('en')} events`);
    const database = await keep(cluster.createDatabase(`pages_${tokens}`));
    const { workspace, memberUuids, cookie } = await seed(database, size);
    const pool = openPool(database.app, { maxConnections: 10, applicationName: 'tooken-bench' });
    await keep(Promise.resolve({ stop: () => pool.close() }));
    const used = await database.sql<{ id: string }[]>`
      select credential_id as id from credential_uses order by last_used_at desc limit 50`;
    const readings = readingsOf({
      db: pool.db,
      workspace,
      memberId: idFromUuid('usr', memberUuids[0] ?? ''),
      tokenIds: used.map(({ id }) => idFromUuid('tkn', id)),
    });
    const read: string[][] = [];
    for (const { name, read: once } of readings) {
      const times = await timesOf(once, READS[size]);
      progress(`  ${name}: ${number(quantile(times, 0.5))} ms`);
      read.push([name, ...threeOf(times), '', '', '', '']);
    }
    const service = await keep(startService({ database, profileDir }));
    const visited = await visitPages({
      url: service.url,
      sql: database.sql,
      cookie,
      count: READS[size],
      onVisited: ({ name, times }) => progress(`  page: ${name}: ${number(quantile(times, 0.5))} ms`),
    });
    return reportOf(read, visited, tokens, events);
  });
}

async function seed({ sql }: Database, size: Size) {
  const workspace = await seedWorkspace(sql);
  await seedMembers(sql, workspace, MEMBERS);
  const memberUuids = (await sql<{ id: string }[]>`select id from members order by id`).map(({ id }) => id);
  await seedTokens(sql, workspace, TOKENS[size]);
  await seedUsage(sql, workspace, memberUuids.slice(0, OWNERS));
  await seedNames(sql, workspace, NAMES);
  await seedRequests(sql, workspace, REQUESTS[size]);
  await seedAuditLog(sql, workspace, EVENTS[size]);
  const cookie = await seedBrowser(sql, memberUuids.at(-1) ?? '');
  await sql`vacuum analyze members`;
  await sql`checkpoint`;
  return { workspace, memberUuids, cookie };
}

function threeOf(times: readonly number[]): string[] {
  return [0, 0.5, 0.95].map((share) => number(quantile(times, share)));
}

function rowOf({ name, times, weight }: VisitedPage): string[] {
  const over = [quantile(times, 0.5) > MOST_MS && 'time', kB(weight.all) > MOST_KB && 'size'];
  const { html, all, allGzipped } = weight;
  const sizes = [html, all, allGzipped].map((bytes) => number(kB(bytes)));
  return [`page: ${name}`, ...threeOf(times), ...sizes, over.filter(Boolean).join(', ')];
}

const kB = (bytes: number) => bytes / 1000;

function reportOf(
  read: readonly (readonly string[])[],
  visited: readonly VisitedPage[],
  tokens: number,
  events: number,
): Report {
  const slowest = visited.map(({ name, times }) => ({ name, value: quantile(times, 0.5) })).sort(byValue)[0];
  const heaviest = visited.map(({ name, weight }) => ({ name, value: kB(weight.all) })).sort(byValue)[0];
  return {
    title: `Pages, and what they read, of ${tokens.toLocaleString('en')} tokens and ${events.toLocaleString('en')} events`,
    notes: [
      'One reader, one reading or page after the other: readings in this process, pages over one connection to the service, as ' +
        'an owner who has signed in, until their last byte. Each of five members owns one in a hundred of the tokens; most ' +
        'tokens were used today. A kB is 1,000 bytes; *with all* is what a browser fetches whose cache is empty, style ' +
        `sheets, scripts and their imports included. *Over* says what exceeds ${MOST_MS} ms at the median, or ${MOST_KB} kB.`,
    ],
    columns: ['what', 'least ms', 'p50 ms', 'p95 ms', 'HTML kB', 'with all kB', 'gzipped kB', 'over'],
    rows: [...read, ...visited.map(rowOf)],
    goals: [
      {
        what: `slowest page: ${slowest?.name}`,
        value: slowest?.value ?? Number.NaN,
        reach: MOST_MS,
        unit: ' ms',
        better: 'lower',
      },
      {
        what: `heaviest page: ${heaviest?.name}`,
        value: heaviest?.value ?? Number.NaN,
        reach: MOST_KB,
        unit: ' kB',
        better: 'lower',
      },
    ],
  };
}

function byValue(a: { readonly value: number }, b: { readonly value: number }): number {
  return b.value - a.value;
}

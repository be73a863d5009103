import { seedHotTokens } from './seed/tokens.ts';
import { seedWorkspace } from './seed/workspace.ts';
import type { Bench, Setting } from './support/bench.ts';
import {
  type Contender,
  contestColumns,
  contestNote,
  contestRow,
  holdContest,
  type Result,
  speedRatios,
} from './support/contest.ts';
import { newToken } from './support/credentials.ts';
import { ACTIVE, INACTIVE, introspectionRequest } from './support/introspection-requests.ts';
import type { Keep } from './support/keep.ts';
import type { Report } from './support/report.ts';
import { startService } from './support/service.ts';

/** What an answer costs when the token is not in memory, and has to be fetched with others that are asked about. */
export const missesBench: Bench = {
  name: 'misses',
  about: 'introspection of tokens that are not in memory against those that are',
  run: measureMisses,
};

const HOT_TOKENS = 2_000;
/** Asked about one after the other, they push each other out of a memory that holds a fiftieth of them. */
const POPULATION = 50_000;
const SMALL_CACHE = String(POPULATION / 50);
const REACH = 0.5;

async function measureMisses(setting: Setting): Promise<Report> {
  return reportOf(await holdContest(setting, (keep) => startContenders(keep, setting)));
}

async function startContenders(keep: Keep, { cluster, profileDir }: Setting): Promise<Contender[]> {
  const database = await keep(cluster.createDatabase('misses'));
  const workspace = await seedWorkspace(database.sql);
  const secrets = await seedHotTokens(database.sql, workspace, POPULATION);
  const strangers = Array.from({ length: POPULATION }, newToken);
  const ask = (secret: string) => introspectionRequest(workspace.apiKey, secret);
  const common = { database, place: 'server', profileDir } as const;
  const remembering = await keep(startService(common));
  const forgetting = await keep(
    startService({ ...common, env: { TOOKEN_CACHE_TOKENS: SMALL_CACHE, TOOKEN_CACHE_UNKNOWN: SMALL_CACHE } }),
  );
  return [
    { name: 'in memory', server: remembering, requests: secrets.slice(0, HOT_TOKENS).map(ask), expect: ACTIVE },
    { name: 'not in memory', server: forgetting, requests: secrets.map(ask), expect: ACTIVE },
    { name: 'unknown to everybody', server: forgetting, requests: strangers.map(ask), expect: INACTIVE },
  ];
}

function reportOf(results: readonly Result[]): Report {
  const [hot, missed] = results;
  if (hot === undefined || missed === undefined) throw new Error('nobody was measured');
  const population = POPULATION.toLocaleString('en');
  return {
    title: 'Introspection of tokens that are not in memory',
    notes: [
      `${HOT_TOKENS.toLocaleString('en')} tokens that stay in memory; ${population} that a second service, which ` +
        `remembers ${Number(SMALL_CACHE).toLocaleString('en')}, is asked about in turn; as many that nobody was given. ` +
        contestNote(results),
    ],
    columns: ['token', ...contestColumns('of in memory')],
    rows: results.map((result) => contestRow(result, result, hot)),
    goals: [
      { what: 'of in memory', value: speedRatios(missed, hot).median, reach: REACH, unit: ' ×', better: 'higher' },
    ],
  };
}

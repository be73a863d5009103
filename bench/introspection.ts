import { seedHotTokens } from './seed/tokens.ts';
import { seedWorkspace } from './seed/workspace.ts';
import { type Bench, inRounds, type Setting } from './support/bench.ts';
import { requestBytes } from './support/http-connection.ts';
import { BUSY_LOAD_CPU, type LoadGenerator, startLoadGenerator } from './support/load.ts';
import type { LoadResult } from './support/load-job.ts';
import { countCpu } from './support/processes.ts';
import { number, progress, type Report, spread } from './support/report.ts';
import { type Server, startBare, startService } from './support/service.ts';
import { ratios, summarise } from './support/statistics.ts';

const HOT_TOKENS = 2_000;
const CONNECTIONS = 64;

/** How fast an answer about a token comes, next to servers that do nothing but answer. */
export const introspectionBench: Bench = {
  name: 'introspection',
  about: `introspection against bare HTTP servers that return the same bytes`,
  run: measureIntrospection,
};

interface Contender {
  readonly name: string;
  readonly server: Server;
  readonly rounds: Round[];
}

interface Round extends LoadResult {
  readonly serverCpuMicros: number;
  readonly databaseCpuMicros: number;
}

async function measureIntrospection({ size, cluster, profileDir }: Setting): Promise<Report> {
  const database = await cluster.createDatabase('introspection');
  // As if the database were another machine: the service has its core to itself.
  cluster.pin('load');
  const started: { stop(): Promise<void> }[] = [];
  const keep = async <Item extends { stop(): Promise<void> }>(starting: Promise<Item>): Promise<Item> => {
    const item = await starting;
    started.unshift(item);
    return item;
  };
  try {
    const workspace = await seedWorkspace(database.sql);
    const secrets = await seedHotTokens(database.sql, workspace, HOT_TOKENS);
    const requests = secrets.map((secret) => introspectionRequest(workspace.apiKey, secret));
    const quiet = await keep(startService({ database, place: 'server', profileDir }));
    const logging = await keep(startService({ database, place: 'server', logLevel: 'info' }));
    const body = await bodyOf(quiet.url, workspace.apiKey, secrets[0] ?? '');
    const contenders: Contender[] = [
      { name: 'node:http', server: await keep(startBare('node', body, 'server')), rounds: [] },
      { name: 'Hono', server: await keep(startBare('hono', body, 'server')), rounds: [] },
      { name: 'Tooken', server: quiet, rounds: [] },
      { name: 'Tooken, a log line per request', server: logging, rounds: [] },
    ];
    const load = await keep(startLoadGenerator('load'));
    const times = size === 'quick' ? { warmUpMs: 300, durationMs: 900 } : { warmUpMs: 1_000, durationMs: 3_000 };
    await inRounds(
      size === 'quick' ? 5 : 7,
      contenders.map((contender) => async () => {
        const round = await measureRound(load, contender.server, cluster.pid, { requests, ...times });
        contender.rounds.push(round);
        progress(`  ${contender.name}: ${number(round.perSecond)}/s`);
      }),
    );
    return reportOf(contenders, Buffer.byteLength(body));
  } finally {
    for (const item of started) await item.stop();
    cluster.pin(undefined);
    await database.drop();
  }
}

interface RoundOptions {
  readonly requests: readonly Buffer[];
  readonly warmUpMs: number;
  readonly durationMs: number;
}

async function measureRound(
  load: LoadGenerator,
  { url, pid }: Server,
  postmaster: number,
  { requests, warmUpMs, durationMs }: RoundOptions,
): Promise<Round> {
  const expect = { status: 200, text: '"active":true' };
  const cpuUsed = countCpu(pid, postmaster);
  const result = await load.measure({ url, requests, connections: CONNECTIONS, warmUpMs, durationMs, expect });
  const { server, database } = cpuUsed();
  const { total } = result;
  return { ...result, serverCpuMicros: (server * 1000) / total, databaseCpuMicros: (database * 1000) / total };
}

function reportOf(contenders: readonly Contender[], bodyBytes: number): Report {
  const speeds = ({ rounds }: Contender) => rounds.map(({ perSecond }) => perSecond);
  const costs = ({ rounds }: Contender) => rounds.map(({ serverCpuMicros }) => serverCpuMicros);
  const [bare, hono, tooken] = contenders;
  if (bare === undefined || hono === undefined || tooken === undefined) throw new Error('a contender is missing');
  const busiest = Math.max(...contenders.flatMap(({ rounds }) => rounds.map(({ loadCpu }) => loadCpu)));
  const busy = busiest > BUSY_LOAD_CPU ? ' That is too much: the fastest contender is faster than its figure.' : '';
  return {
    title: 'Introspection',
    notes: [
      `${HOT_TOKENS.toLocaleString('en')} hot tokens, answers of ${bodyBytes} bytes, ${CONNECTIONS} connections, the caller ` +
        'authenticated by its API key on every request; every answer from PostgreSQL, on the core of the load. ' +
        'CPU time is what the server process used per answer: neighbours hardly change it. ' +
        `The load process used up to ${number(busiest * 100)} % of its core.${busy}`,
    ],
    columns: [
      'server',
      'answers/s',
      'of node:http',
      'p50 ms',
      'p99 ms',
      'CPU µs',
      'of node:http by CPU',
      'PostgreSQL CPU µs',
    ],
    rows: contenders.map((contender) => {
      const median = (pick: (round: Round) => number) => number(summarise(contender.rounds.map(pick)).median);
      const isBare = contender === bare || contender === hono;
      return [
        contender.name,
        spread(summarise(speeds(contender))),
        spread(ratios(speeds(contender), speeds(bare))),
        median(({ p50Ms }) => p50Ms),
        median(({ p99Ms }) => p99Ms),
        median(({ serverCpuMicros }) => serverCpuMicros),
        spread(ratios(costs(bare), costs(contender))),
        isBare ? '' : median(({ databaseCpuMicros }) => databaseCpuMicros),
      ];
    }),
    goals: [
      {
        what: 'of node:http; the goal is for answers from memory',
        value: ratios(speeds(tooken), speeds(bare)).median,
        reach: 0.9,
        better: 'higher',
      },
      {
        what: 'of Hono; the goal is for answers from memory',
        value: ratios(speeds(tooken), speeds(hono)).median,
        reach: 1.05,
        better: 'higher',
      },
    ],
  };
}

export function introspectionRequest(apiKey: string, token: string): Buffer {
  return requestBytes({
    method: 'POST',
    path: '/v1/tokens/introspect',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: `token=${token}`,
  });
}

async function bodyOf(url: string, apiKey: string, token: string): Promise<string> {
  const response = await fetch(`${url}/v1/tokens/introspect`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}` },
    body: new URLSearchParams({ token }),
  });
  return response.text();
}

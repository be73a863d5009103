import { inRounds, type Setting, type Size } from './bench.ts';
import type { Cluster } from './cluster.ts';
import { type Keep, whileKept } from './keep.ts';
import { BUSY_LOAD_CPU, type LoadGenerator, startLoadGenerator } from './load.ts';
import type { Expectation, LoadResult } from './load-job.ts';
import { countCpu } from './processes.ts';
import { number, progress, spread } from './report.ts';
import type { Server } from './service.ts';
import { ratios, summarise } from './statistics.ts';

/** Somebody who answers requests, and is compared with others who do. */
export interface Contender {
  readonly name: string;
  readonly server: Server;
  /** Asked in turn. */
  readonly requests: readonly Buffer[];
  readonly expect: Expectation;
}

export interface Result {
  readonly name: string;
  readonly rounds: readonly Round[];
}

/** CPU time is that of one answer. */
export interface Round extends LoadResult {
  readonly serverCpuMicros: number;
  readonly databaseCpuMicros: number;
}

const CONNECTIONS = 64;
const ROUNDS: Record<Size, number> = { quick: 5, full: 7, large: 7 };

interface ContestOptions {
  readonly load: LoadGenerator;
  readonly cluster: Cluster;
  readonly size: Size;
  readonly connections: number;
}

/**
 * Starts contenders and puts the same load on them, with PostgreSQL on the core of the load: as if it were another machine,
 * a service has its core to itself.
 */
export async function holdContest(
  setting: Setting,
  startContenders: (keep: Keep) => Promise<readonly Contender[]>,
  connections = CONNECTIONS,
): Promise<Result[]> {
  setting.cluster.pin('load');
  try {
    return await whileKept(async (keep) => {
      const contenders = await startContenders(keep);
      const load = await keep(startLoadGenerator('load'));
      return await contest(contenders, { load, connections, ...setting });
    });
  } finally {
    setting.cluster.pin(undefined);
  }
}

/** Puts the same load on all of them, in turn, round after round. */
async function contest(
  contenders: readonly Contender[],
  { load, cluster, size, connections }: ContestOptions,
): Promise<Result[]> {
  const results = contenders.map(({ name }) => ({ name, rounds: [] as Round[] }));
  const times = size === 'quick' ? { warmUpMs: 300, durationMs: 900 } : { warmUpMs: 1_000, durationMs: 3_000 };
  const play = async ({ server, requests, expect }: Contender): Promise<Round> => {
    const cpuUsed = countCpu(server.pid, cluster.pid);
    const result = await load.measure({ url: server.url, requests, connections, expect, ...times });
    const used = cpuUsed();
    const micros = (ms: number) => (ms * 1000) / result.total;
    return { ...result, serverCpuMicros: micros(used.server), databaseCpuMicros: micros(used.database) };
  };
  await inRounds(
    ROUNDS[size],
    contenders.map((contender, n) => async () => {
      const round = await play(contender);
      results[n]?.rounds.push(round);
      progress(`  ${contender.name}: ${number(round.perSecond)}/s`);
    }),
  );
  return results;
}

/** Answers per second of `one` against those of `other`, round by round. */
export function speedRatios(one: Result, other: Result) {
  const speeds = ({ rounds }: Result) => rounds.map(({ perSecond }) => perSecond);
  return ratios(speeds(one), speeds(other));
}

/** The same for what an answer costs: above 1, `one` gets by on less CPU time. */
function thriftRatios(one: Result, other: Result) {
  const costs = ({ rounds }: Result) => rounds.map(({ serverCpuMicros }) => serverCpuMicros);
  return ratios(costs(other), costs(one));
}

/** The columns after the first; `comparison` is what the ratio is called. */
export function contestColumns(comparison: string): string[] {
  return ['answers/s', comparison, 'p50 ms', 'p99 ms', 'CPU µs', 'by CPU', 'PostgreSQL CPU µs'];
}

/** One line of the table. `one` is compared with `other`; nothing stands there if they are the same. */
export function contestRow(result: Result, one: Result, other: Result): string[] {
  const median = (pick: (round: Round) => number) => number(summarise(result.rounds.map(pick)).median);
  return [
    result.name,
    spread(summarise(result.rounds.map(({ perSecond }) => perSecond))),
    one === other ? '' : `${spread(speedRatios(one, other))} ×`,
    median(({ p50Ms }) => p50Ms),
    median(({ p99Ms }) => p99Ms),
    median(({ serverCpuMicros }) => serverCpuMicros),
    one === other ? '' : `${number(thriftRatios(one, other).median)} ×`,
    median(({ databaseCpuMicros }) => databaseCpuMicros),
  ];
}

/** What the load process can stand has to be known to believe the rest. */
export function contestNote(results: readonly Result[], connections = CONNECTIONS): string {
  const busiest = Math.max(...results.flatMap(({ rounds }) => rounds.map(({ loadCpu }) => loadCpu)));
  const busy = busiest > BUSY_LOAD_CPU ? ' That is too much: the fastest contender is faster than its figure.' : '';
  return (
    `${connections} connections, PostgreSQL on the core of the load. CPU time is what the server's process used per ` +
    `answer, and PostgreSQL beside it; neighbours hardly change it. The load process used up to ` +
    `${number(busiest * 100)} % of its core.${busy}`
  );
}

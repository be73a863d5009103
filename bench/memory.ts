import { setTimeout as sleep } from 'node:timers/promises';
import { seedHotTokens } from './seed/tokens.ts';
import { seedWorkspace } from './seed/workspace.ts';
import type { Bench, Setting, Size } from './support/bench.ts';
import { newToken } from './support/credentials.ts';
import { flood } from './support/flood.ts';
import { ACTIVE, INACTIVE, introspectionRequest } from './support/introspection-requests.ts';
import { whileKept } from './support/keep.ts';
import { startLoadGenerator } from './support/load.ts';
import { countCpu } from './support/processes.ts';
import { number, progress, type Report } from './support/report.ts';
import { type MemoryUse, startWatchedService } from './support/watched-service.ts';

/** What a token costs that is kept in memory, and what strangers can do to that memory. */
export const memoryBench: Bench = {
  name: 'memory',
  about: 'memory for each token that is remembered, and after a flood of tokens that nobody was given',
  run: measureMemory,
};

const HOT_TOKENS = 2_000;
const TYPICAL_TOKENS = 100_000;
const STRANGERS: Record<Size, number> = { quick: 200_000, full: 1_000_000, large: 1_000_000 };
const CONNECTIONS = 64;
const HOT_MS: Record<Size, number> = { quick: 1_000, full: 4_000, large: 4_000 };
/** Until what was counted about uses is written, and the process is quiet. */
const SETTLE_MS = 3_000;
const BYTES_A_TOKEN = 1_024;

/** What there was at one moment. */
interface Stage {
  readonly name: string;
  readonly memory: MemoryUse;
  readonly hotPerSecond: number;
  readonly databaseCpuMicros: number;
}

async function measureMemory({ size, cluster }: Setting): Promise<Report> {
  cluster.pin('load');
  try {
    return await whileKept(async (keep) => {
      const database = await keep(cluster.createDatabase('memory'));
      const workspace = await seedWorkspace(database.sql);
      const secrets = await seedHotTokens(database.sql, workspace, HOT_TOKENS + TYPICAL_TOKENS);
      await database.sql`update tokens set metadata = '{}'`;
      const service = await keep(startWatchedService({ database, place: 'server' }));
      const load = await keep(startLoadGenerator('load'));
      const ask = (secret: string) => introspectionRequest(workspace.apiKey, secret);
      const hot = {
        url: service.url,
        requests: secrets.slice(0, HOT_TOKENS).map(ask),
        connections: CONNECTIONS,
        expect: ACTIVE,
      };
      const stages: Stage[] = [];
      const look = async (name: string) => {
        const cpuUsed = countCpu(service.pid, cluster.pid);
        const { perSecond, total } = await load.measure({ ...hot, warmUpMs: HOT_MS[size], durationMs: HOT_MS[size] });
        const databaseCpuMicros = (cpuUsed().database * 1000) / total;
        await sleep(SETTLE_MS);
        stages.push({ name, memory: await service.memory(), hotPerSecond: perSecond, databaseCpuMicros });
        progress(`  ${name}: ${number(perSecond)}/s`);
      };
      const pour = (count: number, request: (n: number) => Buffer, expect: typeof ACTIVE) =>
        flood({ url: service.url, connections: CONNECTIONS, count, request, expect });
      await look(`${HOT_TOKENS.toLocaleString('en')} hot tokens`);
      await pour(TYPICAL_TOKENS, (n) => ask(secrets[HOT_TOKENS + n] ?? ''), ACTIVE);
      await look(`and ${TYPICAL_TOKENS.toLocaleString('en')} others once`);
      for (const share of ['half', 'all']) {
        await pour(STRANGERS[size] / 2, (n) => ask(n % 4 === 0 ? garbage() : newToken()), INACTIVE);
        await look(`and ${share} of ${STRANGERS[size].toLocaleString('en')} strangers`);
      }
      return reportOf(stages);
    });
  } finally {
    cluster.pin(undefined);
  }
}

/** Like a token, but for its checksum. */
function garbage(): string {
  const token = newToken();
  return token.slice(0, -1) + (token.endsWith('0') ? '1' : '0');
}

function reportOf(stages: readonly Stage[]): Report {
  const [first, full] = stages;
  if (first === undefined || full === undefined) throw new Error('nothing was measured');
  const mebibytes = (bytes: number) => number(bytes / 2 ** 20);
  return {
    title: 'Memory',
    notes: [
      'Tokens without metadata, introspected by an API key; one in four strangers has a wrong checksum. Heap and external ' +
        'memory after a garbage collection. Between, the hot tokens are asked about again: PostgreSQL has nothing to do ' +
        'for those that have stayed in memory.',
    ],
    columns: ['in memory', 'heap MiB', 'external MiB', 'resident MiB', 'hot answers/s', 'PostgreSQL CPU µs'],
    rows: stages.map(({ name, memory, hotPerSecond, databaseCpuMicros }) => [
      name,
      mebibytes(memory.heapUsed),
      mebibytes(memory.external),
      mebibytes(memory.rss),
      number(hotPerSecond),
      number(databaseCpuMicros),
    ]),
    goals: [
      {
        what: 'a remembered token',
        value: (inUse(full) - inUse(first)) / TYPICAL_TOKENS,
        reach: BYTES_A_TOKEN,
        unit: ' bytes',
        better: 'lower',
      },
    ],
  };
}

function inUse({ memory: { heapUsed, external } }: Stage): number {
  return heapUsed + external;
}

import { type Question, questionsFor, REMEMBERED_TOKENS } from './scale-questions.ts';
import { seedAuditLog } from './seed/audit.ts';
import { seedTokens } from './seed/tokens.ts';
import { seedWorkspace } from './seed/workspace.ts';
import type { Bench, Setting, Size } from './support/bench.ts';
import type { Cluster, Database } from './support/cluster.ts';
import { openProbe, type Probe } from './support/probe.ts';
import { number, progress, type Report, spread } from './support/report.ts';
import { type Server, startService } from './support/service.ts';
import { ratios, type Summary, summarise } from './support/statistics.ts';

/** Whether a service that has been in use for years answers like one that was set up yesterday. */
export const scaleBench: Bench = {
  name: 'scale',
  about: 'lists, single reads, introspection and the audit log with few and with many rows',
  run: measureScale,
};

const SMALL = 10_000;
const LARGE: Record<Size, number> = { quick: 100_000, full: 1_000_000, large: 10_000_000 };
const ROUNDS = 5;
/**
 * The larger service has answered thousands of requests while its deep pages were looked for, and runs optimised code; so
 * must the other. It is also enough for each of the service's connections to have prepared and settled its plans.
 */
const WARM_UPS: Record<Size, number> = { quick: 60, full: 150, large: 150 };
const REQUESTS: Record<Size, number> = { quick: 20, full: 100, large: 100 };
const REACH = 1.3;

/** A service with a history. */
interface Place {
  readonly database: Database;
  readonly service: Server;
  readonly probe: Probe;
  readonly questions: readonly Question[];
}

async function measureScale({ size, cluster, profileDir }: Setting): Promise<Report> {
  const count = LARGE[size];
  const places: Place[] = [];
  try {
    const small = await openPlace(cluster, SMALL);
    places.push(small);
    const large = await openPlace(cluster, count, profileDir);
    places.push(large);
    cluster.pin('load');
    const results = await compare(small, large, size);
    return reportOf(results, count);
  } finally {
    cluster.pin(undefined);
    for (const { probe, service, database } of places) {
      probe.close();
      await service.stop();
      await database.drop();
    }
  }
}

async function openPlace(cluster: Cluster, count: number, profileDir?: string): Promise<Place> {
  progress(`  seeding ${count.toLocaleString('en')} tokens and events`);
  const database = await cluster.createDatabase(`scale_${count}`);
  const workspace = await seedWorkspace(database.sql);
  const secrets = await seedTokens(database.sql, workspace, count);
  const log = await seedAuditLog(database.sql, workspace, count);
  await database.sql`checkpoint`;
  const service = await startService({
    database,
    place: 'server',
    env: { TOOKEN_CACHE_TOKENS: String(REMEMBERED_TOKENS) },
    profileDir,
  });
  const probe = openProbe(service.url);
  const questions = await questionsFor({ probe, apiKey: workspace.apiKey, secrets, log, count });
  return { database, service, probe, questions };
}

interface Comparison {
  readonly name: string;
  readonly small: Summary;
  readonly large: Summary;
  readonly ratio: Summary;
}

/** Question by question; within a round the two services are asked in turn, request by request. */
async function compare(small: Place, large: Place, size: Size): Promise<Comparison[]> {
  const results: Comparison[] = [];
  const pairs = small.questions.map((question, n) => ({
    name: question.name,
    pair: [askerOf(small.probe, question), askerOf(large.probe, large.questions[n])],
  }));
  for (const { pair } of pairs) await askInTurn(pair, WARM_UPS[size]);
  for (const { name, pair } of pairs) {
    const medians: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      const times = await askInTurn(pair, REQUESTS[size]);
      for (const side of [0, 1] as const) medians[side].push(summarise(times[side] ?? []).median);
    }
    const ratio = ratios(medians[1], medians[0]);
    results.push({ name, small: summarise(medians[0]), large: summarise(medians[1]), ratio });
    progress(`  ${name}: ${number(ratio.median)} ×`);
  }
  return results;
}

/** Goes on where it was, so that nothing is asked again before all the others were. */
function askerOf(probe: Probe, question: Question | undefined): () => Promise<number> {
  if (question === undefined) throw new Error('the services were prepared for different questions');
  let asked = 0;
  return () => {
    const request = question.requests[asked % question.requests.length];
    if (request === undefined) throw new Error(`nothing to ask: ${question.name}`);
    asked += 1;
    return probe.time(request);
  };
}

async function askInTurn(
  askers: readonly (() => Promise<number>)[],
  count: number,
): Promise<readonly (readonly number[])[]> {
  const times: number[][] = askers.map(() => []);
  for (let n = 0; n < count; n += 1) {
    // Each of them goes first as often as the other: whoever follows finds the processors awake.
    const order = n % 2 === 0 ? [...askers.entries()] : [...askers.entries()].reverse();
    for (const [side, ask] of order) times[side]?.push(await ask());
  }
  return times;
}

function reportOf(results: readonly Comparison[], count: number): Report {
  const [few, many] = [SMALL.toLocaleString('en'), count.toLocaleString('en')];
  return {
    title: `${many} rows against ${few}`,
    notes: [
      `As many tokens and as many events of the audit log, in two databases of one cluster with a service each; pages ` +
        `of 50; one client that asks the two in turn. Medians of ${ROUNDS} rounds.`,
    ],
    columns: ['question', `ms at ${few}`, `ms at ${many}`, 'ratio'],
    rows: results.map(({ name, small, large, ratio }) => [name, spread(small), spread(large), spread(ratio)]),
    goals: results.map(({ name, ratio }) => ({
      what: name,
      value: ratio.median,
      reach: REACH,
      unit: ' ×',
      better: 'lower' as const,
    })),
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { issueStatement } from './seed/issue-statement.ts';
import { seedWorkspace } from './seed/workspace.ts';
import { type Bench, inRounds, type Setting } from './support/bench.ts';
import type { Database } from './support/cluster.ts';
import { requestBytes } from './support/http-connection.ts';
import { startLoadGenerator } from './support/load.ts';
import { countCpu } from './support/processes.ts';
import { createRawDriver, type RawDriver } from './support/raw-driver.ts';
import { number, progress, type Report, spread } from './support/report.ts';
import { startService } from './support/service.ts';
import { ratios, summarise } from './support/statistics.ts';

const CLIENTS = 32;

/** How much of what the database could do is left when a service stands in front of it. */
export const issuingBench: Bench = {
  name: 'issuing',
  about: `issuing tokens with ${CLIENTS} clients against the same inserts without a service`,
  run: measureIssuing,
};

interface Round {
  readonly perSecond: number;
  /** CPU time of one token. */
  readonly serverMicros: number;
  readonly databaseMicros: number;
}

/**
 * Two databases of one cluster: one with the service, whose sequencer gives the events of whoever writes there their
 * places, and one without, for what the statement costs alone.
 */
async function measureIssuing({ size, cluster, profileDir }: Setting): Promise<Report> {
  const served = await cluster.createDatabase('issuing');
  const bare = await cluster.createDatabase('issuing_bare');
  const [servedWorkspace, bareWorkspace] = [await seedWorkspace(served.sql), await seedWorkspace(bare.sql)];
  const service = await startService({ database: served, profileDir });
  const load = await startLoadGenerator();
  const [servedDriver, bareDriver] = [
    await createRawDriver(issueStatement(servedWorkspace)),
    await createRawDriver(issueStatement(bareWorkspace)),
  ];
  const seconds = size === 'quick' ? 2 : 5;
  const job = {
    url: service.url,
    requests: [issueRequest(servedWorkspace.apiKey)],
    connections: CLIENTS,
    expect: { status: 201, text: '"secret":"tkn_live_' },
  };
  const latencies: number[] = [];
  const issue = async () => {
    const { perSecond, total, p99Ms } = await load.measure({ ...job, warmUpMs: 500, durationMs: seconds * 1000 });
    latencies.push(p99Ms);
    return { perSecond, total };
  };
  const drive = async (driver: RawDriver, { app }: Database) => {
    const perSecond = await driver.measure(app, CLIENTS, seconds);
    return { perSecond, total: perSecond * seconds };
  };
  const [tooken, raw, rawAndSequencer]: [Round[], Round[], Round[]] = [[], [], []];
  /** Until the sequencer has caught up: that belongs to the price, and must not slow down the next one. */
  const measure = async (rounds: Round[], work: () => Promise<{ perSecond: number; total: number }>) => {
    const cpuUsed = countCpu(service.pid, cluster.pid);
    const { perSecond, total } = await work();
    await drained(served);
    const { server, database } = cpuUsed();
    rounds.push({ perSecond, serverMicros: (server * 1000) / total, databaseMicros: (database * 1000) / total });
    progress(`  ${number(perSecond)}/s`);
  };
  try {
    await load.measure({ ...job, warmUpMs: 0, durationMs: size === 'quick' ? 4_000 : 10_000 });
    await inRounds(size === 'quick' ? 5 : 7, [
      () => measure(tooken, issue),
      () => measure(raw, () => drive(bareDriver, bare)),
      () => measure(rawAndSequencer, () => drive(servedDriver, served)),
    ]);
  } finally {
    for (const item of [load, service]) await item.stop();
    for (const database of [served, bare]) await database.drop();
  }
  const { name } = bareDriver;
  return reportOf(name, latencies, [
    ['Tooken', tooken],
    [name, raw],
    [`${name} beside the sequencer`, rawAndSequencer],
  ]);
}

function reportOf(
  driver: string,
  latencies: readonly number[],
  contenders: readonly (readonly [name: string, rounds: readonly Round[]])[],
): Report {
  const speeds = (rounds: readonly Round[]) => rounds.map(({ perSecond }) => perSecond);
  const [tooken, raw] = contenders;
  if (tooken === undefined || raw === undefined) throw new Error('a contender is missing');
  const compared = (rounds: readonly Round[]) => ratios(speeds(rounds), speeds(raw[1]));
  return {
    title: 'Issuing a token',
    notes: [
      `${CLIENTS} clients, fsync on, all cores for everybody. ${driver} runs the inserts of one token as one statement: ` +
        'on a database without a service, and on one whose sequencer works through the audit log meanwhile, as it does ' +
        `for Tooken. CPU time is per token. p99 of Tooken: ${number(summarise(latencies).median)} ms.`,
    ],
    columns: ['who', 'tokens/s', `of ${driver}`, 'service CPU µs', 'PostgreSQL CPU µs'],
    rows: contenders.map(([name, rounds]) => [
      name,
      spread(summarise(speeds(rounds))),
      spread(compared(rounds)),
      number(summarise(rounds.map(({ serverMicros }) => serverMicros)).median),
      number(summarise(rounds.map(({ databaseMicros }) => databaseMicros)).median),
    ]),
    goals: [{ what: `of ${driver}`, value: compared(tooken[1]).median, reach: 0.9, better: 'higher' }],
  };
}

function issueRequest(apiKey: string): Buffer {
  return requestBytes({
    method: 'POST',
    path: '/v1/tokens',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'deploy',
      scopes: ['invoices:read', 'payments:write'],
      metadata: { team: 'billing' },
      expires_in: 2_592_000,
    }),
  });
}

/** Waits until the sequencer has caught up. */
async function drained({ sql }: Database): Promise<void> {
  for (;;) {
    const [row] = await sql<{ waiting: boolean }[]>`select exists (select from audit_pending) as waiting`;
    if (row?.waiting !== true) return;
    await sleep(50);
  }
}

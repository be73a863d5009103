import { setTimeout as sleep } from 'node:timers/promises';
import { issueStatement } from './seed/issue-statement.ts';
import { type SeededWorkspace, seedWorkspace } from './seed/workspace.ts';
import { type Bench, inRounds, type Setting } from './support/bench.ts';
import type { Database } from './support/cluster.ts';
import { requestBytes } from './support/http-connection.ts';
import { startLoadGenerator } from './support/load.ts';
import { createRawDriver } from './support/raw-driver.ts';
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
  const driverOf = (workspace: SeededWorkspace) => createRawDriver(issueStatement(workspace));
  const [servedDriver, bareDriver] = [await driverOf(servedWorkspace), await driverOf(bareWorkspace)];
  const [tooken, raw, rawAndSequencer]: [number[], number[], number[]] = [[], [], []];
  const latencies: number[] = [];
  try {
    const requests = [issueRequest(servedWorkspace.apiKey)];
    const expect = { status: 201, text: '"secret":"tkn_live_' };
    const seconds = size === 'quick' ? 2 : 6;
    const job = { url: service.url, requests, connections: CLIENTS, durationMs: seconds * 1000, expect };
    await load.measure({ ...job, warmUpMs: 1000, durationMs: 1000 });
    await inRounds(size === 'quick' ? 5 : 7, [
      async () => {
        const { perSecond, p99Ms } = await load.measure({ ...job, warmUpMs: 500 });
        tooken.push(perSecond);
        latencies.push(p99Ms);
        await drained(served);
      },
      async () => raw.push(await bareDriver.measure(bare.app, CLIENTS, seconds)),
      async () => {
        rawAndSequencer.push(await servedDriver.measure(served.app, CLIENTS, seconds));
        await drained(served);
        progress(`  Tooken ${number(tooken.at(-1) ?? 0)}/s, ${bareDriver.name} ${number(raw.at(-1) ?? 0)}/s`);
      },
    ]);
  } finally {
    for (const item of [load, service]) await item.stop();
    for (const database of [served, bare]) await database.drop();
  }
  const { name } = bareDriver;
  const row = (label: string, values: readonly number[]) => [
    label,
    spread(summarise(values)),
    spread(ratios(values, raw)),
  ];
  return {
    title: 'Issuing a token',
    notes: [
      `${CLIENTS} clients, fsync on, all cores for everybody. ${name} runs the inserts of one token as one statement: ` +
        `without a service, and beside one whose sequencer works through the audit log meanwhile. ` +
        `p99 of Tooken: ${number(summarise(latencies).median)} ms.`,
    ],
    columns: ['who', 'tokens/s', `of ${name}`],
    rows: [row('Tooken', tooken), row(name, raw), row(`${name} and the sequencer`, rawAndSequencer)],
    goals: [{ what: `of ${name}`, value: ratios(tooken, raw).median, reach: 0.9, better: 'higher' }],
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

/** Waits until the sequencer has caught up: what one contender left must not slow down the next. */
async function drained({ sql }: Database): Promise<void> {
  for (;;) {
    const [row] = await sql<{ waiting: boolean }[]>`select exists (select from audit_pending) as waiting`;
    if (row?.waiting !== true) return;
    await sleep(50);
  }
}

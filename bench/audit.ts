import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { append, logIdOf } from '../src/audit/events/append.ts';
import type { NewEvent } from '../src/audit/events/event.ts';
import { drain } from '../src/audit/sequencer/drain.ts';
import { inTransaction, openPool } from '../src/db/connection.ts';
import { systemClock } from '../src/lib/clock.ts';
import { newId } from '../src/lib/ids.ts';
import { systemRandom } from '../src/lib/random.ts';
import { seedAuditLog } from './seed/audit.ts';
import { seedTokens } from './seed/tokens.ts';
import { type SeededWorkspace, seedWorkspace } from './seed/workspace.ts';
import type { Bench, Setting, Size } from './support/bench.ts';
import type { Cluster } from './support/cluster.ts';
import { type Keep, whileKept } from './support/keep.ts';
import { watchMemory } from './support/peak-memory.ts';
import { countCpu, ROOT, run } from './support/processes.ts';
import { number, progress, type Report, spread } from './support/report.ts';
import { scratchDirectory } from './support/scratch.ts';
import { type Server, startService } from './support/service.ts';
import { type Summary, summarise } from './support/statistics.ts';

/** What evidence costs: giving events their place, and taking a whole log elsewhere and verifying it there. */
export const auditBench: Bench = {
  name: 'audit',
  about: 'events placed in the audit log a second, export of a large log, offline verification of that',
  run: measureAudit,
};

const EVENTS: Record<Size, number> = { quick: 100_000, full: 1_000_000, large: 1_000_000 };
const PLACED: Record<Size, number> = { quick: 10_000, full: 30_000, large: 30_000 };
const ROUNDS = 5;
const VERIFY_SECONDS = 60;
/** What an export may take of memory, beside what the service has anyway. */
const EXPORT_MIB = 100;

const ids = { clock: systemClock, random: systemRandom };

async function measureAudit({ size, cluster }: Setting): Promise<Report> {
  return await whileKept(async (keep) => {
    const placing = await measurePlacing(keep, cluster, PLACED[size]);
    const { service, workspace } = await openLargeLog(keep, cluster, EVENTS[size]);
    const file = join(scratchDirectory(), 'export.ndjson');
    const exporting = await measureExport(service, workspace, file);
    const key = await (await fetch(`${service.url}/logs/${workspace.id}/key`, authorised(workspace))).text();
    const verifying = await measureVerification(file, key.trim());
    return reportOf({ size, placing, exporting, verifying });
  });
}

/** Events that wait in the queue, as they do when the sequencer has been away: how many get their place in a second. */
async function measurePlacing(keep: Keep, cluster: Cluster, count: number): Promise<Summary & { cpuMicros: number }> {
  const database = await keep(cluster.createDatabase('waiting_events'));
  const workspace = await seedWorkspace(database.sql);
  const pool = openPool(database.app, { maxConnections: 2, applicationName: 'tooken-bench' });
  await keep(Promise.resolve({ stop: () => pool.close() }));
  const rounds: number[] = [];
  let databaseMs = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let made = 0; made < count; made += 500) {
      const events = Array.from({ length: 500 }, () => tokenCreated(workspace));
      await inTransaction(pool.db, (tx) => append(tx, ids, events));
    }
    const cpuUsed = countCpu(undefined, cluster.pid);
    const start = performance.now();
    await drain(pool.db, logIdOf(workspace.id), { wait: true });
    rounds.push((count * 1000) / (performance.now() - start));
    databaseMs += cpuUsed().database;
    progress(`  placed: ${number(rounds.at(-1) ?? 0)}/s`);
  }
  return { ...summarise(rounds), cpuMicros: (databaseMs * 1000) / (count * ROUNDS) };
}

function tokenCreated({ id, apiKeyId }: SeededWorkspace): NewEvent {
  return {
    workspaceId: id,
    environment: 'live',
    action: 'token.created',
    outcome: 'success',
    actor: { type: 'api_key', id: apiKeyId, name: 'deploy pipeline' },
    targets: [{ type: 'token', id: newId('tkn', ids), name: 'billing export' }],
    changes: [{ field: 'scopes', old: null, new: ['invoices:read', 'payments:write'] }],
    request: { id: newId('req', ids), method: 'POST', route: '/v1/tokens', ip: '192.0.2.1', userAgent: 'curl/8.5.0' },
  };
}

async function openLargeLog(
  keep: Keep,
  cluster: Cluster,
  count: number,
): Promise<{ service: Server; workspace: SeededWorkspace }> {
  progress(`  seeding ${count.toLocaleString('en')} events`);
  const database = await keep(cluster.createDatabase('large_log'));
  const workspace = await seedWorkspace(database.sql);
  await seedTokens(database.sql, workspace, count);
  await seedAuditLog(database.sql, workspace, count);
  await database.sql`checkpoint`;
  const service = await keep(startService({ database }));
  // The tiles of what was there before are made, and signed for, now.
  const checkpoint = await fetch(`${service.url}/logs/${workspace.id}/checkpoint`, authorised(workspace));
  if (!checkpoint.ok) throw new Error(`there is no checkpoint: ${await checkpoint.text()}`);
  return { service, workspace };
}

const authorised = ({ apiKey }: SeededWorkspace) => ({ headers: { authorization: `Bearer ${apiKey}` } });

interface Passage {
  readonly seconds: number;
  readonly bytes: number;
  /** How much more the process had in memory than before. */
  readonly growthBytes: number;
}

async function measureExport({ url, pid }: Server, workspace: SeededWorkspace, file: string): Promise<Passage> {
  const memory = watchMemory(pid);
  const start = performance.now();
  const response = await fetch(`${url}/v1/audit-log/export?format=ndjson`, authorised(workspace));
  if (!response.ok || response.body === null) throw new Error(`no export: ${response.status} ${await response.text()}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
  const seconds = (performance.now() - start) / 1000;
  const { startBytes, peakBytes } = memory();
  const { size: bytes } = await stat(file);
  progress(`  exported: ${number(bytes / seconds / 1e6)} MB/s`);
  return { seconds, bytes, growthBytes: peakBytes - startBytes };
}

/** As its user does: the command of another process, from its start to its end. */
async function measureVerification(file: string, key: string): Promise<Passage> {
  const start = performance.now();
  const command = [process.execPath, join(ROOT, 'dist', 'cli', 'main.js'), 'audit', 'verify', file, '--key', key];
  const { child, pid } = run(command, { stdio: ['ignore', 'ignore', 'inherit'] });
  const memory = watchMemory(pid);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the export does not verify: exit status ${code}`);
  const seconds = (performance.now() - start) / 1000;
  const { size: bytes } = await stat(file);
  progress(`  verified in ${number(seconds)} s`);
  return { seconds, bytes, growthBytes: memory().peakBytes };
}

interface Findings {
  readonly size: Size;
  readonly placing: Summary & { cpuMicros: number };
  readonly exporting: Passage;
  readonly verifying: Passage;
}

function reportOf({ size, placing, exporting, verifying }: Findings): Report {
  const events = EVENTS[size].toLocaleString('en');
  const mebibytes = (bytes: number) => number(bytes / 2 ** 20);
  const row = (what: string, { seconds, bytes, growthBytes }: Passage) => [
    what,
    number(EVENTS[size] / seconds),
    number(bytes / seconds / 1e6),
    number(seconds),
    mebibytes(growthBytes),
    '',
  ];
  return {
    title: 'The audit log as evidence',
    notes: [
      `Placing: events that wait get their leaf index, their rows in the indexes and their tiles. A log of ${events} events ` +
        `is exported over HTTP as NDJSON, ${number(exporting.bytes / 1e6)} MB, and the file verified by \`tooken audit verify\`. ` +
        'Memory is what the service had more than before, and all that the command had.',
    ],
    columns: ['what', 'events/s', 'MB/s', 'seconds', 'memory MiB', 'PostgreSQL CPU µs'],
    rows: [
      ['placing', spread(placing), '', '', '', number(placing.cpuMicros)],
      row('export', exporting),
      row('verification', verifying),
    ],
    goals: [
      {
        what: `verification of ${events} events`,
        value: verifying.seconds,
        reach: VERIFY_SECONDS,
        unit: ' s',
        better: 'lower',
      },
      {
        what: 'memory of an export',
        value: exporting.growthBytes / 2 ** 20,
        reach: EXPORT_MIB,
        unit: ' MiB',
        better: 'lower',
      },
    ],
  };
}

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
import { ACTIVE, introspectionRequest } from './support/introspection-requests.ts';
import type { Keep } from './support/keep.ts';
import type { Report } from './support/report.ts';
import { startService } from './support/service.ts';

/** What it costs to answer an introspection only when its record is on disk. */
export const recordedBench: Bench = {
  name: 'recorded',
  about: 'introspection in a workspace that has every one recorded, against one that has them counted',
  run: measureRecorded,
};

const HOT_TOKENS = 2_000;
const CONNECTIONS = 128;
const REACH = 0.75;

async function measureRecorded(setting: Setting): Promise<Report> {
  return reportOf(await holdContest(setting, (keep) => startContenders(keep, setting), CONNECTIONS));
}

/** Two services on databases of their own, alike but for the setting. */
async function startContenders(keep: Keep, { cluster, profileDir }: Setting): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const mode of ['counted', 'all'] as const) {
    const database = await keep(cluster.createDatabase(`recorded_${mode}`));
    const workspace = await seedWorkspace(database.sql);
    await database.sql`update workspaces set audited_introspections = ${mode}`;
    const secrets = await seedHotTokens(database.sql, workspace, HOT_TOKENS);
    const requests = secrets.map((secret) => introspectionRequest(workspace.apiKey, secret));
    const server = await keep(startService({ database, place: 'server', profileDir }));
    contenders.push({ name: mode === 'all' ? 'every one recorded' : 'counted', server, requests, expect: ACTIVE });
  }
  return contenders;
}

function reportOf(results: readonly Result[]): Report {
  const [counted, recorded] = results;
  if (counted === undefined || recorded === undefined) throw new Error('nobody was measured');
  return {
    title: 'Introspection, every one recorded',
    notes: [
      `${HOT_TOKENS.toLocaleString('en')} hot tokens; the answer waits until the record is on disk. ` +
        contestNote(results, CONNECTIONS),
    ],
    columns: ['introspections are', ...contestColumns('of counted')],
    rows: results.map((result) => contestRow(result, result, counted)),
    goals: [
      { what: 'of counted', value: speedRatios(recorded, counted).median, reach: REACH, unit: ' ×', better: 'higher' },
    ],
  };
}

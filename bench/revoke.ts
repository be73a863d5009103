import { bareCommits, replicasUnderRevoke } from './revoke-acts.ts';
import { type Bench, inRounds, type Setting, type Size } from './support/bench.ts';
import { whileKept } from './support/keep.ts';
import { type Act, type Latencies, timeCalls } from './support/latencies.ts';
import { number, progress, type Report, spread } from './support/report.ts';
import { ratios, summarise } from './support/statistics.ts';

/** How long it takes until no replica calls a token active any more: a revocation is answered when that is so. */
export const revokeBench: Bench = {
  name: 'revoke',
  about: 'revoking a token until that is effective on 1, 2 and 4 replicas, against a bare commit',
  run: measureRevoke,
};

const REPLICA_COUNTS = [1, 2, 4];
const CLIENT_COUNTS = [1, 16];
/** The promise is about this many replicas and clients. */
const PROMISED = { replicas: 4, clients: 1, reach: 5 };
const ROUNDS: Record<Size, number> = { quick: 5, full: 7, large: 7 };
/** In one round, by a single client; by several together four times as many. */
const CALLS: Record<Size, number> = { quick: 150, full: 500, large: 500 };

/** So many replicas, and so many clients that revoke, or commit, one after the other. */
interface Run {
  readonly replicas: number;
  readonly clients: number;
  readonly revokes: Latencies[];
  readonly commits: Latencies[];
}

async function measureRevoke(setting: Setting): Promise<Report> {
  const runs: Run[] = [];
  for (const replicas of REPLICA_COUNTS) runs.push(...(await measureReplicas(setting, replicas)));
  return reportOf(runs);
}

async function measureReplicas({ size, cluster, profileDir }: Setting, replicas: number): Promise<Run[]> {
  const runs = CLIENT_COUNTS.map((clients): Run => ({ replicas, clients, revokes: [], commits: [] }));
  const callsOf = (clients: number) => (clients === 1 ? CALLS[size] : 4 * CALLS[size]);
  const clients = Math.max(...CLIENT_COUNTS);
  // One round more, to warm up.
  const tokenCount = (ROUNDS[size] + 1) * CLIENT_COUNTS.reduce((sum, count) => sum + callsOf(count), 0);
  return whileKept(async (keep) => {
    const database = await keep(cluster.createDatabase(`revoke_${replicas}`));
    const revoke = await replicasUnderRevoke(keep, { database, replicas, clients, tokenCount, profileDir });
    const commit = await bareCommits(keep, database, clients);
    const play = (run: Run, act: Act) => timeCalls(run.clients, callsOf(run.clients), act);
    for (const run of runs) {
      await play(run, commit);
      await play(run, revoke);
    }
    await inRounds(
      ROUNDS[size],
      runs.map((run) => async () => {
        const [commits, revokes] = [await play(run, commit), await play(run, revoke)];
        run.commits.push(commits);
        run.revokes.push(revokes);
        progress(
          `  replicas ${replicas}, clients ${run.clients}: p99 ${number(revokes.p99Ms)} ms, of a commit ${number(commits.p99Ms)} ms`,
        );
      }),
    );
    return runs;
  });
}

const p50 = ({ p50Ms }: Latencies) => p50Ms;
const p99 = ({ p99Ms }: Latencies) => p99Ms;

function reportOf(runs: readonly Run[]): Report {
  const compare = ({ revokes, commits }: Run, pick: (latencies: Latencies) => number) =>
    ratios(revokes.map(pick), commits.map(pick));
  const promised = runs.find(({ replicas, clients }) => replicas === PROMISED.replicas && clients === PROMISED.clients);
  if (promised === undefined) throw new Error('what was promised has not been measured');
  return {
    title: 'Revoking a token until it is effective everywhere',
    notes: [
      'Each call revokes another token, and is answered when no replica says active any more. In turn with that, as many ' +
        'clients insert one small row each time on the same database, through the same driver. fsync on, all cores for everybody.',
    ],
    columns: [
      'replicas',
      'clients',
      'p50 ms',
      'of a commit',
      'p99 ms',
      'of a commit',
      'commit p50 ms',
      'commit p99 ms',
      'revokes/s',
    ],
    rows: runs.map((run) => [
      String(run.replicas),
      String(run.clients),
      spread(summarise(run.revokes.map(p50))),
      `${spread(compare(run, p50))} ×`,
      spread(summarise(run.revokes.map(p99))),
      `${spread(compare(run, p99))} ×`,
      number(summarise(run.commits.map(p50)).median),
      number(summarise(run.commits.map(p99)).median),
      number(summarise(run.revokes.map(({ perSecond }) => perSecond)).median),
    ]),
    goals: [
      {
        what: `p99 of a commit's, ${PROMISED.replicas} replicas, ${PROMISED.clients} client`,
        value: compare(promised, p99).median,
        reach: PROMISED.reach,
        unit: ' ×',
        better: 'lower',
      },
    ],
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { launchEmbeddedPostgres } from '../../src/db/embedded/launch.ts';
import { migrate } from '../../src/db/migrate.ts';
import { findViolations } from '../replicas/checker.ts';
import { blackHoled, clockSteps, cutOff, type Disturbance, frozen, withoutNotify } from '../replicas/disturbances.ts';
import type { Operation } from '../replicas/history.ts';
import { startReplicas } from '../replicas/replicas.ts';
import { countBy, reportOn } from '../replicas/report.ts';
import { recordHistory } from '../replicas/run.ts';
import { postmasterOf } from '../support/postmaster.ts';

const isLong = inject('faultRun') === 'long';
const OPERATIONS = isLong ? 100_000 : 500;
const CROWD = isLong
  ? { tokenLives: 4, keyLives: 1, observers: 12, personLives: 1 }
  : { tokenLives: 2, keyLives: 1, observers: 2, personLives: 1 };
/** Longer than most of what replicas have to go through, shorter than some of it. */
const PATIENCE_MS = 6_000;
/** The short run leaves the machine to others. */
const PACE_MS = isLong ? 0 : 20;

// A server of its own, which keeps what it has committed when it is killed.
const dataDir = await mkdtemp(join(tmpdir(), 'tooken-history-'));
const server = await launchEmbeddedPostgres({ dataDir });
await migrate(server.owner, server.app.user);
const replicas = await startReplicas(server.app, {
  count: 3,
  isProxied: true,
  env: { TOOKEN_LEASE_SECONDS: '1', TOOKEN_DB_CONNECTIONS: '8' },
  hooks: ['stepping-clock'],
});
afterAll(async () => {
  await replicas[Symbol.asyncDispose]();
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const databaseKilled: Disturbance = async (_, rounds) => {
  for (let round = 0; round < rounds; round += 1) {
    process.kill(await postmasterOf(dataDir), 'SIGKILL');
    await sleep(2_500);
  }
};

interface Trial {
  readonly what: string;
  readonly disturbance: Disturbance;
  /** In a long run, and in a short one; without the latter it is left out of that. */
  readonly rounds: readonly [number, number?];
  /** Answers that clients may get beyond those of good times. */
  readonly failures: RegExp;
  readonly hasEnds?: boolean;
}

const NONE = /^$/;
const IN_DOUBT = /^(503|failed|lost: .+)$/;
/** The audit log refuses the clock of the replica, and the change with it. */
const REFUSED_CLOCK = /^(500|lost: .+)$/;

const TRIALS: readonly Trial[] = [
  { what: 'nothing happens', disturbance: async () => {}, rounds: [0, 0], failures: NONE },
  { what: 'replicas are frozen', disturbance: frozen, rounds: [10, 1], failures: IN_DOUBT },
  { what: 'replicas lose sight of their database', disturbance: blackHoled, rounds: [6, 1], failures: IN_DOUBT },
  { what: 'replicas are cut off', disturbance: cutOff, rounds: [6], failures: IN_DOUBT },
  { what: 'notifications get lost', disturbance: withoutNotify, rounds: [8, 1], failures: NONE },
  { what: 'a wall clock steps', disturbance: clockSteps, rounds: [4, 1], failures: REFUSED_CLOCK, hasEnds: false },
  { what: 'PostgreSQL is killed', disturbance: databaseKilled, rounds: [6, 1], failures: IN_DOUBT },
];

describe(`in ${OPERATIONS} operations of many clients on three replicas no answer shows a right that was taken before, or denies one that was not`, () => {
  const trials = TRIALS.filter(({ rounds: [, short] }) => isLong || short !== undefined);
  it.each(trials)('while $what', async ({ what, disturbance, rounds: [long, short = 0], failures, hasEnds = true }) => {
    const history = await recordHistory(replicas, {
      operations: OPERATIONS,
      // Where a clock is wrong, nobody can tell how long ago somebody signed in.
      crowd: hasEnds ? CROWD : { ...CROWD, personLives: 0 },
      paceMs: PACE_MS,
      hasEnds,
      ...(failures !== NONE && { patienceMs: PATIENCE_MS }),
      disturb: () => disturbance(replicas.processes, isLong ? long : short),
    });
    const violations = findViolations(history);
    console.log(reportOn(what, history, violations));
    expect(violations).toEqual([]);
    expect(strangeAnswers(history, failures)).toEqual([]);
  });
});

const PLANNED = /^(2..|done|40[01349]|412|422|-)$/;

/** Answers that nobody has planned for. */
function strangeAnswers(history: readonly Operation[], failures: RegExp): string[] {
  const strange = history.filter(({ answer }) => !PLANNED.test(answer) && !failures.test(answer));
  return [...countBy(strange, ({ kind, answer }) => `${kind}: ${answer}`).keys()];
}

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, it } from 'vitest';
import { findViolations, type Violation } from '../replicas/checker.ts';
import { type ReplicaProcess, startReplicas } from '../replicas/replicas.ts';
import { reportOn } from '../replicas/report.ts';
import { recordHistory } from '../replicas/run.ts';
import { createTestDatabase } from '../support/database.ts';

const databases = {
  'without-fence': await createTestDatabase(),
  'without-forgetting': await createTestDatabase(),
  'without-lease': await createTestDatabase(),
};
const OPERATIONS = 1_000;
const SABOTEUR = 1;
/** Longer than a lease. */
const AWAY_MS = 6_000;

/** What a history shows of two replicas of which the second one has loaded `hook`, and may be `disturbed`. */
async function violationsWith(
  hook: keyof typeof databases,
  disturbed: (saboteur: ReplicaProcess) => Promise<void> = async () => {},
): Promise<readonly Violation[]> {
  await using replicas = await startReplicas(databases[hook].app, { count: 2, isProxied: true, hooks: [hook] });
  const [, saboteur] = replicas.processes;
  const history = await recordHistory(replicas, {
    operations: OPERATIONS,
    crowd: { tokenLives: 4, keyLives: 0, observers: 2 },
    hasEnds: false,
    disturb: async () => saboteur && disturbed(saboteur),
  });
  const violations = findViolations(history);
  console.log(reportOn(hook, history, violations));
  return violations;
}

describe('the history test finds out', () => {
  it('when a replica does not fence what it takes', async () => {
    const violations = await violationsWith('without-fence');
    expect(new Set(violations.map(({ kind }) => kind))).toEqual(new Set(['old right']));
    expect(new Set(violations.map(({ taking }) => taking?.replica))).toEqual(new Set([SABOTEUR]));
  });

  it.runIf(inject('faultRun') === 'long')('when the memory of a replica does not forget what it is told', async () => {
    const violations = await violationsWith('without-forgetting');
    expect(violations.map(({ kind }) => kind)).toContain('old right');
    expect(new Set(violations.map(({ observation }) => observation.replica))).toEqual(new Set([SABOTEUR]));
  });

  it.runIf(inject('faultRun') === 'long')('when a replica answers from memory without a lease', async () => {
    const violations = await violationsWith('without-lease', async ({ proxy }) => {
      for (let round = 0; round < 3; round += 1) {
        await sleep(AWAY_MS / 2);
        proxy?.fallSilent();
        await sleep(AWAY_MS);
        proxy?.recover();
      }
    });
    expect(violations.map(({ kind }) => kind)).toContain('old right');
    expect(new Set(violations.map(({ observation }) => observation.replica))).toEqual(new Set([SABOTEUR]));
  });
});

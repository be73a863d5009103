import { describe, expect, inject, it } from 'vitest';
import { findViolations, type Violation } from '../replicas/checker.ts';
import { startReplicas } from '../replicas/replicas.ts';
import { reportOn } from '../replicas/report.ts';
import { recordHistory } from '../replicas/run.ts';
import { createTestDatabase } from '../support/database.ts';

const databases = { 'without-fence': await createTestDatabase(), 'without-forgetting': await createTestDatabase() };
const OPERATIONS = 1_000;
const SABOTEUR = 1;

/** What a history shows of two replicas of which the second one has loaded `hook`. */
async function violationsWith(hook: keyof typeof databases): Promise<readonly Violation[]> {
  await using replicas = await startReplicas(databases[hook].app, { count: 2, hooks: [hook] });
  const crowd = { tokenLives: 3, keyLives: 0, observers: 2 };
  const history = await recordHistory(replicas, { operations: OPERATIONS, crowd, hasEnds: false });
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
});

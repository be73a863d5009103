import { afterAll, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { findViolations } from './checker.ts';
import { startReplicas } from './replicas.ts';
import { probesIn, reportOn } from './report.ts';
import { recordHistory } from './run.ts';

const database = await createTestDatabase();
const replicas = await startReplicas(database.app, { count: 2 });
afterAll(() => replicas[Symbol.asyncDispose]());

const CROWD = { tokenLives: 2, keyLives: 1, observers: 1, personLives: 2 };

it('no answer of two replicas to many clients shows a right that was taken before, or denies one that was not', {
  timeout: 60_000,
}, async () => {
  const history = await recordHistory(replicas, { operations: 500, crowd: CROWD, paceMs: 10 });
  const violations = findViolations(history);
  expect(violations, reportOn('history', history, violations)).toEqual([]);
  expect(probesIn(history)).toBeGreaterThan(50);
  const ended = history.filter(({ kind, outcome }) => kind === 'remove member' && outcome === 'done');
  expect(ended.length).toBeGreaterThan(1);
});

import { describe, expect, it } from 'vitest';
import { answerAlone, endlessFence } from './model/alone.ts';
import { explore } from './model/explore.ts';
import { HALVED, initialWorld, type Setup, setUp } from './model/setup.ts';
import { stepsFrom } from './model/steps.ts';
import type { World } from './model/world.ts';
import { DIFFERENT, RATES_APART, SAME, SMALL_WORLDS } from './model/worlds.ts';

const TIMEOUT_MS = 240_000;

describe('no history leads to an answer with the old right to a request that was sent after the change had answered', () => {
  it.each(SMALL_WORLDS)('with $name', { timeout: TIMEOUT_MS }, ({ name, setup }) => {
    const { states, steps, depth, violation } = explore(setup);
    console.log(`${name}: ${states} states, ${steps} steps, the farthest ${depth} away`);
    expect(violation).toBeUndefined();
  });
});

describe('a fence', () => {
  it.each([
    { name: 'a lost answer', setup: setUp({ ...HALVED, faults: { losses: 1 } }) },
    { name: 'a suspended machine', setup: setUp({ faults: { suspensions: 1 } }) },
    { name: 'clocks that run at different rates', setup: setUp(RATES_APART) },
    { name: 'two changes', setup: setUp({ changes: SAME }) },
  ])(
    'ends within a lease from wherever it is, with nobody’s help, with $name',
    { timeout: TIMEOUT_MS },
    ({ setup }) => {
      const { violation } = explore(setup, (world) => endlessFence(setup, world));
      expect(violation).toBeUndefined();
    },
  );

  it('takes no time if everybody answers', () => {
    const setup = setUp();
    const committed = follow(setup, initialWorld(setup), [...REGISTRATION, ...LOAD, ...change(1)]);
    const confirmed = follow(setup, committed, ['replica 1 is told of change 1 and confirms as 1a']);
    expect(answerAlone(setup, confirmed, 0)?.ticks).toBe(0);
  });

  it('waits one lease for a replica that is frozen, and the next one not at all', () => {
    const setup = setUp({ ...HALVED, changes: DIFFERENT });
    const committed = follow(setup, initialWorld(setup), [...REGISTRATION, ...LOAD, ...change(1)]);
    const first = answerAlone(setup, committed, 0);
    expect(first?.ticks).toBe(setup.ticksPerLease);
    const next = follow(setup, first?.world ?? committed, change(2));
    expect(answerAlone(setup, next, 1)?.ticks).toBe(0);
  });
});

describe('what is assumed of clocks is needed: the promise breaks if', () => {
  it.each([
    {
      name: 'a suspended machine’s wall clock is set back to where it was',
      setup: setUp({ faults: { suspensions: 1, clockChanges: 1 } }),
    },
    { name: 'rates are further apart', setup: setUp({ tickMs: { replicas: 900, waiters: 1_100 }, ticksPerLease: 2 }) },
  ])('$name', ({ setup }) => {
    expect(explore(setup).violation?.promise).toContain('answers from memory with what was before change 1');
  });
});

const REGISTRATION = [
  'replica 1 notes its clocks and sends its registration 1a',
  'PostgreSQL takes the snapshot of registration 1a',
  'PostgreSQL commits registration 1a',
  'replica 1 gets the answer to registration 1a, and so a lease',
];
const LOAD = [
  'replica 1 asks for the record of tkn_1',
  'PostgreSQL finds the old record of tkn_1',
  'replica 1 gets that record, answers with it and remembers it',
];
const change = (n: number): string[] => [
  `change ${n}, of tkn_${n}, begins transaction ${n}`,
  `PostgreSQL commits transaction ${n}; the fence of change ${n} begins`,
];

function follow(setup: Setup, world: World, labels: readonly string[]): World {
  return labels.reduce((from, label) => {
    const step = [...stepsFrom(setup, from)].find((each) => each.label === label);
    if (step === undefined) throw new Error(`not possible: ${label}`);
    return step.next;
  }, world);
}

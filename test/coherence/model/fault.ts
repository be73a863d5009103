import { withClocksMoved } from './clock.ts';
import { withGivenUp } from './given-up.ts';
import { takeSnapshot } from './postgres.ts';
import { FRESH_REPLICA, type Setup } from './setup.ts';
import { type Faults, type Replica, type Step, type World, withReplica } from './world.ts';

/** What goes wrong with replica `n`, as often as the set-up allows. */
export function* faultSteps(setup: Setup, world: World, n: number): Generator<Step> {
  const replica = world.replicas[n];
  if (replica === undefined) return;
  yield* lossSteps(world, n, replica);
  yield* crashSteps(setup, world, n, replica);
  yield* clockSteps(setup, world, n);
  yield* copySteps(world, n, replica);
}

function* lossSteps(world: World, n: number, { errand, leaving }: Replica): Generator<Step> {
  const spent = spend(world, 'losses');
  if (spent === undefined || (errand === undefined && leaving === undefined)) return;
  yield { label: `replica ${n + 1} loses its connection`, next: withGivenUp(spent, n, {}) };
}

function* crashSteps({ changes }: Setup, world: World, n: number, { told }: Replica): Generator<Step> {
  const spent = spend(world, 'crashes');
  // A change that runs in the process would end with it, and never answer.
  if (spent === undefined || changes.some(({ host }) => host === n)) return;
  const next = withGivenUp(spent, n, { ...FRESH_REPLICA, told });
  yield { label: `replica ${n + 1} is killed, and its process starts again`, next };
}

function* clockSteps(setup: Setup, world: World, n: number): Generator<Step> {
  const suspended = spend(world, 'suspensions');
  if (suspended !== undefined) {
    const next = withClocksMoved(setup, suspended, { replica: n, kind: 'suspended' });
    yield { label: `a tick passes, for which the machine of replica ${n + 1} is suspended`, next };
  }
  const changed = spend(world, 'clockChanges');
  if (changed !== undefined) {
    const next = withClocksMoved(setup, changed, { replica: n, kind: 'set back' });
    yield { label: `the wall clock of replica ${n + 1} is set back by a tick`, next };
  }
}

function* copySteps(world: World, n: number, { copy }: Replica): Generator<Step> {
  if (copy !== undefined) {
    const next = withReplica(world, n, { copy: undefined });
    yield { label: `replica ${n + 1} finds the right PostgreSQL again`, next };
    return;
  }
  const spent = spend(world, 'copies');
  if (spent === undefined) return;
  const next = withGivenUp(spent, n, { copy: takeSnapshot(world.database) });
  yield { label: `replica ${n + 1} is left with a copy that takes no writes`, next };
}

function spend(world: World, fault: keyof Faults): World | undefined {
  const left = world.faults[fault];
  return left === 0 ? undefined : { ...world, faults: { ...world.faults, [fault]: left - 1 } };
}

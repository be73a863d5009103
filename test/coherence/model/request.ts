import { answeredChange, isVouchedFor } from './promise.ts';
import type { Setup } from './setup.ts';
import { PRESENT, type Replica, type Step, type World, withReplica } from './world.ts';

/**
 * A request that comes in two parts, to a replica `n` that does not wait for the last byte. Whether it was sent after a
 * change had answered is decided by its last byte.
 */
export function* requestSteps(setup: Setup, world: World, n: number): Generator<Step> {
  const { readsClocksAfterLastByte, looksUpAfterLastByte } = setup.rules;
  const replica = world.replicas[n];
  if (replica === undefined || (readsClocksAfterLastByte && looksUpAfterLastByte)) return;
  yield replica.head === undefined ? headStep(setup, world, n, replica) : lastByteStep(setup, world, n, replica);
}

function headStep(setup: Setup, world: World, n: number, replica: Replica): Step {
  const label = `replica ${n + 1} gets the head of a request`;
  if (setup.rules.looksUpAfterLastByte) {
    return { label: `${label} and reads its clocks`, next: withReplica(world, n, { head: { clocks: PRESENT } }) };
  }
  const found = isVouchedFor(setup, replica, PRESENT) ? replica.memory : [];
  return { label: `${label} and looks up the records`, next: withReplica(world, n, { head: { found } }) };
}

function lastByteStep(setup: Setup, world: World, n: number, replica: Replica): Step {
  const { head = { found: [] }, memory } = replica;
  const recalled = 'clocks' in head && isVouchedFor(setup, replica, head.clocks) ? memory : [];
  const answered = answeredChange(setup, world, 'found' in head ? head.found : recalled);
  const next = withReplica(world, n, { head: undefined });
  const label = `replica ${n + 1} gets the last byte, and answers`;
  if (answered === undefined) return { label, next };
  return { label, next, broken: `its answer is from before change ${answered + 1}, which had answered` };
}

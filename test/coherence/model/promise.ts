import type { Clocks } from '../../../src/coherence/protocol.ts';
import { isVisible } from '../../../src/coherence/snapshot.ts';
import type { Subject } from '../../../src/coherence/subject.ts';
import type { Setup } from './setup.ts';
import { type LoadUnderWay, PRESENT, type Replica, type World } from './world.ts';

/**
 * The promise that a state breaks, if it breaks one.
 *
 * A change that takes rights away is fenced: once it has answered, nobody answers a request with what was before. It is
 * enough to ask whether a replica *would* answer so, since a request may come at any moment.
 *
 * What only adds is not fenced. All that is promised then is that memory tells nothing from before a change that the
 * replica has acknowledged: so it ends, instead of lasting for as long as the entry is asked for.
 */
export function brokenPromise(setup: Setup, world: World): string | undefined {
  for (const [n, replica] of world.replicas.entries()) {
    if (replica.memory.length === 0) continue;
    const answered = isVouchedFor(setup, replica, PRESENT) ? answeredChange(setup, world, replica.memory) : undefined;
    if (answered !== undefined) {
      return `replica ${n + 1} answers from memory with what was before change ${answered + 1}, which has answered`;
    }
    const acknowledged = acknowledgedChange(setup, world, replica);
    if (acknowledged !== undefined) {
      return `replica ${n + 1} remembers what was before change ${acknowledged + 1}, which it has acknowledged`;
    }
  }
  return undefined;
}

/** Whether a replica may answer from memory, by its clocks at some time. */
export function isVouchedFor({ rules }: Setup, { state: { lease } }: Replica, now: Clocks): boolean {
  return lease !== undefined && rules.isLeaseValid(lease, now);
}

/** The fenced change of one of `subjects` that has answered. */
export function answeredChange({ changes }: Setup, world: World, subjects: readonly Subject[]): number | undefined {
  const isMeant = changes.map(
    ({ subject, isFenced }, m) => isFenced && subjects.includes(subject) && world.changes[m]?.at === 'answered',
  );
  return isMeant.includes(true) ? isMeant.indexOf(true) : undefined;
}

/** The change without a fence whose old record is remembered though the replica has acknowledged it. */
function acknowledgedChange({ changes }: Setup, world: World, { state, memory }: Replica): number | undefined {
  const acked = state.registration?.acked;
  const isMeant = changes.map(({ subject, isFenced }, m) => {
    const xid = world.changes[m]?.xid;
    return !isFenced && memory.includes(subject) && xid !== undefined && acked !== undefined && isVisible(xid, acked);
  });
  return isMeant.includes(true) ? isMeant.indexOf(true) : undefined;
}

/**
 * Whether nothing more can come of a world: all changes are committed, nobody has what was before, and nobody can get it
 * any more.
 */
export function isHarmless({ changes, replicas }: World): boolean {
  return changes.every(({ at }) => at !== 'to come' && at !== 'begun') && replicas.every(hasNothingOld);
}

function hasNothingOld({ memory, loads, copy, head }: Replica): boolean {
  const isOld = ({ answer, recalled }: LoadUnderWay): boolean => answer !== undefined || recalled !== undefined;
  return memory.length === 0 && !loads.some(isOld) && copy === undefined && head === undefined;
}

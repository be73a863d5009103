import { type Invalidation, UNREGISTERED } from '../../../src/coherence/protocol.ts';
import { deleteRows } from './postgres.ts';
import type { Rules } from './rules.ts';
import { FRESH_REPLICA, type Setup } from './setup.ts';
import { type Change, PRESENT, type Replica, type Step, type World, withReplica } from './world.ts';

/** In one turn: noted in the state, and gone from memory. */
export function withApplied(
  rules: Rules,
  { state, memory }: Replica,
  invalidations: readonly Invalidation[],
): Pick<Replica, 'state' | 'memory'> {
  const kept = memory.filter((subject) => !invalidations.some((each) => each.subject === subject));
  return { state: rules.apply(state, invalidations), memory: kept };
}

/** Notifications arrive at replica `n`, in whatever order. */
export function* hearSteps({ rules, changes }: Setup, world: World, n: number): Generator<Step> {
  const replica = world.replicas[n];
  if (replica === undefined || replica.copy !== undefined) return;
  for (const m of replica.told) {
    const [xid, subject] = [world.changes[m]?.xid, changes[m]?.subject];
    if (xid === undefined || subject === undefined) continue;
    const applied = rules.appliesBeforeConfirming ? withApplied(rules, replica, [{ xid, subject }]) : {};
    const heard = withReplica(world, n, { ...applied, told: replica.told.filter((each) => each !== m) });
    const id = rules.confirmingId(replica.state, PRESENT);
    const label = `replica ${n + 1} is told of change ${m + 1}`;
    if (id === undefined) yield { label, next: heard };
    else yield { label: `${label} and confirms as ${id}`, next: withConfirmation(rules, heard, m, id) };
  }
}

/** The registration `id` confirms change `n`. */
export function withConfirmation(rules: Rules, world: World, n: number, id: string): World {
  const confirmed = ({ at, confirmed: others }: Change): readonly string[] =>
    at === 'answered' || others.includes(id) ? others : [...others, id].sort();
  const changes = world.changes.map((change, m) =>
    m === n || !rules.countsOwnConfirmationsOnly ? { ...change, confirmed: confirmed(change) } : change,
  );
  return { ...world, changes };
}

/**
 * A clean end of replica `n`, when no renewal is under way: the lease is given up, the row deleted, and the process may
 * start again.
 */
export function* leaveSteps({ rules, leaving }: Setup, world: World, n: number): Generator<Step> {
  const replica = world.replicas[n];
  if (replica === undefined || replica.copy !== undefined) return;
  const { registration } = replica.state;
  if (replica.leaving === undefined) {
    if (!leaving || registration === undefined || replica.errand !== undefined) return;
    const given = rules.givesUpLeaseBeforeLeaving ? FORGOTTEN : {};
    const next = withReplica(world, n, { ...given, leaving: { registration, isDeleted: false } });
    const how = rules.givesUpLeaseBeforeLeaving
      ? 'gives up its lease and leaves'
      : 'leaves without giving up its lease';
    yield { label: `replica ${n + 1} ${how}`, next };
  } else if (!replica.leaving.isDeleted) {
    const { registration: left } = replica.leaving;
    const database = deleteRows(world.database, (row) => rules.isAsLeft(left, row));
    const next = withReplica({ ...world, database }, n, { leaving: { registration: left, isDeleted: true } });
    yield { label: `PostgreSQL deletes the row of ${left.id}`, next };
  } else {
    const next = withReplica(world, n, { ...FRESH_REPLICA, told: replica.told });
    yield { label: `replica ${n + 1} has left, and its process starts again`, next };
  }
}

const FORGOTTEN = { state: UNREGISTERED, memory: [] } as const;

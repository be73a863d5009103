import type { Clocks } from '../../../src/coherence/protocol.ts';
import type { Setup } from './setup.ts';
import type { Change, Errand, Replica, Step, World } from './world.ts';

/** What happens to the clocks of one replica: a tick during which its machine is suspended, or its wall clock set back. */
interface ClockFault {
  readonly replica: number;
  readonly kind: 'suspended' | 'set back';
}

type Move = (noted: Clocks) => Clocks;

/** A tick passes for everybody. */
export function tickStep(setup: Setup, world: World): Step {
  return { label: 'a tick passes', next: withClocksMoved(setup, world) };
}

export function withClocksMoved(setup: Setup, world: World, fault?: ClockFault): World {
  const { tickMs, ticksPerLease } = setup;
  const farMs = ticksPerLease * tickMs.replicas;
  const tick = recede({ monotonicMs: tickMs.replicas, wallMs: tickMs.replicas }, farMs);
  if (fault === undefined)
    return withRestMoved(
      setup,
      withReplicasMoved(world, () => tick),
    );
  if (fault.kind === 'suspended') {
    // A suspended machine's monotonic clock stands still.
    const suspended = recede({ monotonicMs: 0, wallMs: tickMs.replicas }, farMs);
    const replicasMoved = withReplicasMoved(world, (n) => (n === fault.replica ? suspended : tick));
    return withRestMoved(setup, replicasMoved, fault.replica);
  }
  const setBack = recede({ monotonicMs: 0, wallMs: -tickMs.replicas }, farMs);
  return withReplicasMoved(world, (n) => (n === fault.replica ? setBack : undefined));
}

/** Clocks noted at some time, seen from a present that has moved on. Further back than `farMs` all is the same. */
function recede(by: Clocks, farMs: number): Move {
  return ({ monotonicMs, wallMs }) => ({
    monotonicMs: Math.max(monotonicMs - by.monotonicMs, -farMs),
    wallMs: Math.max(wallMs - by.wallMs, -farMs),
  });
}

function withReplicasMoved(world: World, moveOf: (n: number) => Move | undefined): World {
  const replicas = world.replicas.map((replica, n) => {
    const move = moveOf(n);
    return move === undefined ? replica : withPast(replica, move);
  });
  return { ...world, replicas };
}

/** Every place where a replica has noted its clocks. */
function withPast(replica: Replica, move: Move): Replica {
  const { state, errand, head } = replica;
  if (state.lease === undefined && errand === undefined && head === undefined) return replica;
  const lease = state.lease && { ...state.lease, since: move(state.lease.since) };
  return {
    ...replica,
    state: { ...state, lease },
    errand: errand && errandWithPast(errand, move),
    head: head !== undefined && 'clocks' in head ? { clocks: move(head.clocks) } : head,
  };
}

function errandWithPast(errand: Errand, move: Move): Errand {
  if (errand.kind === 'registration') return { ...errand, since: move(errand.since) };
  return { ...errand, renewal: { ...errand.renewal, startedAt: move(errand.renewal.startedAt) } };
}

/** Those who wait have monotonic clocks alone, which stand still with a suspended machine. */
function withRestMoved(setup: Setup, world: World, suspended?: number): World {
  const { rules, tickMs, ticksPerLease } = setup;
  const later = (ms: number): number => Math.min(ms + tickMs.waiters, ticksPerLease * tickMs.waiters);
  const isWaiting = ({ at }: Change): boolean => at === 'fencing' || (!rules.waitsFromCommit && at === 'begun');
  const changes = world.changes.map((change, n) => {
    const host = setup.changes[n]?.host;
    const isStill = !isWaiting(change) || (host !== undefined && host === suspended);
    return isStill ? change : { ...change, waitedMs: later(change.waitedMs) };
  });
  const { watch: seen } = world;
  const watch = seen.row === undefined ? seen : { ...seen, sinceMs: later(seen.sinceMs) };
  return { ...world, changes, watch };
}

import type { Load, ReplicaState } from '../../../src/coherence/protocol.ts';
import { withOrderedIds } from './ids.ts';
import type { KnownRow, Statement } from './postgres.ts';
import { NOTHING_SEEN } from './setup.ts';
import type { Errand, LoadUnderWay, Replica, Watch, World } from './world.ts';

/**
 * The same world with counters that only ever grow brought down to what can be told apart: for renewals the distance
 * between the counts that the parties know, for applications their order relative to loads.
 */
export function normalForm(world: World): World {
  const replicas = world.replicas.map(withRankedApplications);
  return withOrderedIds(withLowRenewals({ ...world, replicas, watch: watchOfRow(world) }));
}

/** A row that has gone needs no watching. */
function watchOfRow({ watch, database }: World): Watch {
  return database.rows.some(({ id }) => id === watch.row?.id) ? watch : NOTHING_SEEN;
}

function withRankedApplications(replica: Replica): Replica {
  const { state, loads } = replica;
  if (state.applications === 0) return replica;
  if (state.loads.length === 0 && state.applied.length === 0 && loads.length === 0) {
    return { ...replica, state: { ...state, applications: 0 } };
  }
  const inUse = [state.applications, ...state.loads.map(({ sentAfter }) => sentAfter)];
  inUse.push(...loads.map(({ load }) => load.sentAfter), ...state.applied.map(({ application }) => application));
  const ranks = [...new Set(inUse)].sort((a, b) => a - b);
  const rank = (value: number): number => ranks.indexOf(value);
  if (ranks.every((value, index) => value === index) && !hasRepeats(state)) return replica;
  const renamed = new Map<Load, Load>();
  const rename = (load: Load): Load => {
    const known = renamed.get(load) ?? { ...load, sentAfter: rank(load.sentAfter) };
    renamed.set(load, known);
    return known;
  };
  const ranked: ReplicaState = {
    ...state,
    applications: rank(state.applications),
    loads: state.loads.map(rename),
    applied: withoutRepeats(state.applied).map((one) => ({ ...one, application: rank(one.application) })),
  };
  return {
    ...replica,
    state: ranked,
    loads: loads.map((each): LoadUnderWay => ({ ...each, load: rename(each.load) })),
  };
}

/** Of what was applied twice the later one outlives the earlier, and says the same. */
function withoutRepeats(applied: ReplicaState['applied']): ReplicaState['applied'] {
  return applied
    .filter(({ xid }, index) => !applied.some((other, later) => later > index && other.xid === xid))
    .toSorted((a, b) => a.application - b.application || Number(a.xid - b.xid));
}

function hasRepeats({ applied }: ReplicaState): boolean {
  return new Set(applied.map(({ xid }) => xid)).size < applied.length;
}

/**
 * Counts are compared for equality alone, with those of the same registration, and raised by one: so a distance of two is
 * as good as any greater one.
 */
function withLowRenewals(world: World): World {
  const { database, replicas, watch } = world;
  const known = knownRows(world);
  if (known.every(({ renewals }) => renewals === 0)) return world;
  const lower = <Known extends KnownRow>(one: Known): Known => {
    const counts = known.filter(({ id }) => id === one.id).map(({ renewals }) => renewals);
    const renewals = lowCount(one.renewals, counts);
    return renewals === one.renewals ? one : { ...one, renewals };
  };
  return {
    ...world,
    database: {
      ...database,
      rows: database.rows.map(lower),
      orphans: database.orphans.map((each): Statement => lower(each)),
    },
    replicas: replicas.map((replica) => lowered(replica, lower)),
    watch: watch.row === undefined ? watch : { ...watch, row: lower(watch.row) },
  };
}

function knownRows({ database, replicas, watch }: World): readonly KnownRow[] {
  const known: KnownRow[] = [...database.rows, ...database.orphans];
  for (const { state, errand, leaving } of replicas) {
    if (state.registration !== undefined) known.push(state.registration);
    if (leaving !== undefined) known.push(leaving.registration);
    if (errand?.kind === 'renewal') known.push(errand.renewal.registration);
  }
  if (watch.row !== undefined) known.push(watch.row);
  return known;
}

function lowCount(count: number, all: readonly number[]): number {
  const sorted = [...new Set(all)].sort((a, b) => a - b);
  let low = 0;
  for (const [n, each] of sorted.entries()) {
    if (n > 0) low += Math.min(each - (sorted[n - 1] ?? each), 2);
    if (each === count) break;
  }
  return low;
}

function lowered(replica: Replica, lower: <Known extends KnownRow>(known: Known) => Known): Replica {
  const { state, errand, leaving } = replica;
  return {
    ...replica,
    state: { ...state, registration: state.registration && lower(state.registration) },
    errand: errand && errandLowered(errand, lower),
    leaving: leaving && { ...leaving, registration: lower(leaving.registration) },
  };
}

function errandLowered(errand: Errand, lower: <Known extends KnownRow>(known: Known) => Known): Errand {
  if (errand.kind === 'registration') return errand;
  return { ...errand, renewal: { ...errand.renewal, registration: lower(errand.renewal.registration) } };
}

import type { Invalidation } from '../../../src/coherence/protocol.ts';
import { idToRegister } from './ids.ts';
import { acknowledge, insertRow, takeSnapshot } from './postgres.ts';
import { withApplied } from './replica.ts';
import type { Setup } from './setup.ts';
import { PRESENT, type Registering, type Renewing, type Replica, type Step, type World, withReplica } from './world.ts';

/** How replica `n` registers and renews, and what PostgreSQL does for it. */
export function* errandSteps(setup: Setup, world: World, n: number): Generator<Step> {
  const replica = world.replicas[n];
  if (replica === undefined || replica.copy !== undefined) return;
  const { errand, leaving } = replica;
  if (errand?.kind === 'registration') yield registrationStep(setup, world, n, replica, errand);
  else if (errand?.kind === 'renewal') yield renewalStep(setup, world, n, replica, errand);
  else if (leaving === undefined) yield beginStep(setup, world, n, replica);
}

function beginStep({ rules }: Setup, world: World, n: number, { state }: Replica): Step {
  if (state.registration !== undefined) {
    const errand: Renewing = { kind: 'renewal', at: 'begun', renewal: rules.beginRenewal(state.registration, PRESENT) };
    const label = `replica ${n + 1} notes its clocks and asks for what is new`;
    return { label, next: withReplica(world, n, { errand }) };
  }
  const id = idToRegister(rules, world, n);
  const errand: Registering = { kind: 'registration', at: 'sent', id, since: PRESENT };
  const label = `replica ${n + 1} notes its clocks and sends its registration ${id}`;
  return { label, next: withReplica(world, n, { errand }) };
}

function registrationStep(setup: Setup, world: World, n: number, replica: Replica, errand: Registering): Step {
  const { rules, leaseMs } = setup;
  const { id, snapshot = takeSnapshot(world.database) } = errand;
  if (errand.at === 'sent') {
    const next = withReplica(world, n, { errand: { ...errand, at: 'executing', snapshot } });
    return { label: `PostgreSQL takes the snapshot of registration ${id}`, next };
  }
  if (errand.at === 'executing') {
    const database = insertRow(world.database, { id, renewals: 0, acked: snapshot, leaseMs });
    const next = withReplica({ ...world, database }, n, { errand: { ...errand, at: 'committed' } });
    return { label: `PostgreSQL commits registration ${id}`, next };
  }
  const since = rules.registrationLeaseRunsFrom === 'its answer' ? PRESENT : errand.since;
  const registered = rules.register(id, snapshot, { since, durationMs: leaseMs });
  const state = rules.loadsAfterRegistration ? registered : { ...registered, loads: replica.state.loads };
  const next = withReplica(world, n, { state, errand: undefined });
  return { label: `replica ${n + 1} gets the answer to registration ${id}, and so a lease`, next };
}

function renewalStep(setup: Setup, world: World, n: number, replica: Replica, errand: Renewing): Step {
  switch (errand.at) {
    case 'begun':
      return readStep(setup, world, n, errand);
    case 'read':
      return applyStep(setup, world, n, replica, errand);
    case 'acknowledging':
      return acknowledgeStep(setup, world, n, errand);
    case 'settled':
      return settleStep(setup, world, n, replica, errand);
  }
}

function readStep({ rules }: Setup, world: World, n: number, errand: Renewing): Step {
  const { database } = world;
  const { id, acked } = errand.renewal.registration;
  const invalidations = database.invalidations.filter(({ xid }) => rules.isNews(xid, acked));
  const next = withReplica(world, n, {
    errand: { ...errand, at: 'read', snapshot: takeSnapshot(database), invalidations },
  });
  return { label: `PostgreSQL reads ${listOf(invalidations)} for ${id}`, next };
}

function applyStep({ rules }: Setup, world: World, n: number, replica: Replica, errand: Renewing): Step {
  const { renewal, invalidations = [], ...rest } = errand;
  const sent: Renewing = { ...rest, renewal, at: 'acknowledging' };
  if (!rules.appliesBeforeAcknowledging) {
    const next = withReplica(world, n, { errand: { ...sent, invalidations } });
    return { label: `replica ${n + 1} acknowledges ${listOf(invalidations)}, and has not applied it`, next };
  }
  const renewalNow = rules.leaseRunsFrom === 'after the read' ? { ...renewal, startedAt: PRESENT } : renewal;
  const next = withReplica(world, n, {
    ...withApplied(rules, replica, invalidations),
    errand: { ...sent, renewal: renewalNow },
  });
  return { label: `replica ${n + 1} applies ${listOf(invalidations)}, and acknowledges it`, next };
}

function acknowledgeStep({ rules }: Setup, world: World, n: number, errand: Renewing): Step {
  const { registration } = errand.renewal;
  const current = takeSnapshot(world.database);
  const acked = rules.acknowledgesWhatItHasRead ? (errand.snapshot ?? current) : current;
  const { database, isAcknowledged } = acknowledge(world.database, acked, (row) => rules.isAsLeft(registration, row));
  const settled: Renewing = { ...errand, at: 'settled', snapshot: acked, isAcknowledged };
  const label = `PostgreSQL ${isAcknowledged ? 'takes' : 'has no row for'} the acknowledgement of ${registration.id}`;
  return { label, next: withReplica({ ...world, database }, n, { errand: settled }) };
}

function settleStep({ rules, leaseMs }: Setup, world: World, n: number, replica: Replica, errand: Renewing): Step {
  const { renewal, snapshot = takeSnapshot(world.database), invalidations = [], isAcknowledged = false } = errand;
  const applied = rules.appliesBeforeAcknowledging ? replica : withApplied(rules, replica, invalidations);
  const started = rules.leaseRunsFrom === 'the acknowledgement' ? { ...renewal, startedAt: PRESENT } : renewal;
  const state = rules.settleRenewal(applied.state, started, { snapshot, isAcknowledged, leaseMs });
  const memory = state.registration === undefined && rules.forgetsWhenEvicted ? [] : applied.memory;
  const what = `${renewal.registration.id} ${isAcknowledged ? 'is renewed' : 'was evicted'}`;
  return {
    label: `replica ${n + 1} hears that ${what}`,
    next: withReplica(world, n, { state, memory, errand: undefined }),
  };
}

function listOf(invalidations: readonly Invalidation[]): string {
  if (invalidations.length === 0) return 'nothing new';
  return `what transaction ${invalidations.map(({ xid }) => xid).join(' and ')} invalidates`;
}

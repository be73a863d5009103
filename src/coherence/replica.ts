import { hostname } from 'node:os';
import type { OwnConnections } from '../db/own-connections.ts';
import type { Clock } from '../lib/clock.ts';
import { type Random, randomUuid } from '../lib/random.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createCorrespondence } from './correspondence.ts';
import type { FencingReplica } from './fence.ts';
import type { Invalidated } from './invalidate.ts';
import type { Confirmation, Tell } from './messages.ts';
import {
  apply,
  beginLoad,
  beginRenewal,
  type Clocks,
  confirmingId,
  endLoad,
  type Invalidation,
  isLeaseValid,
  isLoadUsable,
  type Lease,
  type Load,
  type Registration,
  type ReplicaState,
  register,
  settleRenewal,
  staleSubjects,
  UNREGISTERED,
} from './protocol.ts';
import type { Snapshot } from './snapshot.ts';
import { acknowledge, deleteReplica, insertReplica, type Sight, selectInvalidations } from './store.ts';
import type { Subject } from './subject.ts';

/** This process as one of those that answer from memory: its registration, its lease, and what it has applied. */
export interface Replica extends FencingReplica {
  /** Whether memory may be answered from at `now`, which are both clocks as they stand in this very turn. */
  holdsLease(now?: Clocks): boolean;
  /** Gets a lease unless there is a valid one. Rejects when the database cannot be asked. */
  requireLease(): Promise<void>;
  /** Renews soon, because somebody else has changed something. */
  wake(): void;
  hear(tell: Tell): void;
  hearConfirmation(confirmation: Confirmation): void;
  /** Loads are judged by what was applied while they were under way; `undefined` without a registration. */
  beginLoad(): LoadInProgress | undefined;
  start(): void;
  /** Gives up the lease, then leaves. */
  stop(): Promise<void>;
  status(): ReplicaStatus;
}

export interface LoadInProgress {
  /**
   * Ends the load, whose answer was read in `snapshot`: the subjects about which it may tell what was before, or
   * undefined if nothing of it may be used.
   */
  settle(snapshot: Snapshot): ReadonlySet<Subject> | undefined;
  /** Ends a load that has failed. */
  abandon(): void;
}

export interface ReplicaStatus {
  /** Of the registration; undefined without one. */
  readonly id: string | undefined;
  /** Time left until the lease ends, in ms; 0 without one. */
  readonly leaseLeftMs: number;
  /** Age of the last acknowledged snapshot, in ms: no memory of this replica is further behind. Undefined before the first. */
  readonly lagMs: number | undefined;
  readonly renewals: number;
  /** Renewals and registrations that have failed. */
  readonly failures: number;
  readonly evictions: number;
  /** How far the wall clock is ahead of the database's at least, in ms; below 0 it is behind. As of the last renewal. */
  readonly clockOffsetMs: number;
}

/** What has to go from memory. */
export interface ReplicaMemory {
  forget(subjects: Iterable<Subject>): void;
  forgetAll(): void;
}

export interface ReplicaOptions {
  readonly connections: OwnConnections;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly memory: ReplicaMemory;
  readonly leaseMs: number;
}

export function createReplica(options: ReplicaOptions): Replica {
  const { connections, clock, random, logger, memory, leaseMs } = options;
  const startedAt = clock.now();
  const correspondence = createCorrespondence({ connections, random });
  let state: ReplicaState = UNREGISTERED;
  let renewing: Promise<void> | undefined;
  let isRenewalQueued = false;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let isFailing = false;
  let evictions = 0;
  let renewals = 0;
  let failures = 0;
  let clockOffsetMs = 0;

  const readClocks = (): Clocks => ({ monotonicMs: clock.monotonicMs(), wallMs: clock.now().getTime() });
  const holdsLease = (now = readClocks()) => state.lease !== undefined && isLeaseValid(state.lease, now);

  /** The database's clock was read between two looks at our own; what lies outside of that is off for certain. */
  function noteClock({ wallMs }: Clocks, { nowMs }: Sight): void {
    clockOffsetMs = Math.max(wallMs - nowMs, 0) - Math.max(nowMs - clock.now().getTime(), 0);
  }

  function applyToMemory(invalidations: readonly Invalidation[]): void {
    state = apply(state, invalidations);
    memory.forget(invalidations.map(({ subject }) => subject));
  }

  async function enroll(): Promise<void> {
    const id = randomUuid(random);
    const lease: Lease = { since: readClocks(), durationMs: leaseMs };
    const address = `${hostname()}:${process.pid}`;
    const sight = await connections.use((db) => insertReplica(db, { id, leaseMs, address, startedAt }));
    noteClock(lease.since, sight);
    const registered = register(id, sight.snapshot, lease);
    // Given up meanwhile: the row has to go again.
    if (isStopped) return deleteRow(registered);
    state = registered;
  }

  async function deleteRow({ registration }: ReplicaState): Promise<void> {
    if (registration !== undefined) await connections.use((db) => deleteReplica(db, registration));
  }

  async function renew(registration: Registration): Promise<void> {
    const renewal = beginRenewal(registration, readClocks());
    const read = await connections.use((db) => selectInvalidations(db, registration.acked));
    noteClock(renewal.startedAt, read);
    // First applied, then acknowledged: a fence that sees the acknowledgement relies on it.
    applyToMemory(read.invalidations);
    const isAcknowledged = await connections.use((db) => acknowledge(db, registration, read.snapshot));
    state = settleRenewal(state, renewal, { snapshot: read.snapshot, isAcknowledged, leaseMs });
    if (isAcknowledged || isStopped) return;
    evictions += 1;
    memory.forgetAll();
    logger.log('warn', 'coherence.evicted', { replica: registration.id });
    await enroll();
  }

  async function renewOnce(): Promise<void> {
    try {
      await (state.registration === undefined ? enroll() : renew(state.registration));
      renewals += 1;
      if (isFailing) logger.log('info', 'coherence.lease_regained');
      isFailing = false;
    } catch (error) {
      failures += 1;
      if (!isFailing) logger.log('warn', 'coherence.renewal_failed', { err: error });
      isFailing = true;
      throw error;
    }
  }

  /** One renewal at a time, and at most one more in line for those who came while it was under way. */
  function startRenewal(): Promise<void> {
    if (isStopped) return Promise.reject(new LeaseMissing());
    renewing ??= renewOnce().finally(() => {
      renewing = undefined;
      if (isRenewalQueued) {
        isRenewalQueued = false;
        wake();
      }
    });
    return renewing;
  }

  function wake(): void {
    if (renewing !== undefined) isRenewalQueued = true;
    else startRenewal().catch(() => {});
  }

  function applyHere(changes: readonly Invalidated[]): string | undefined {
    applyToMemory(changes.flatMap(({ xid, subjects }) => subjects.map((subject) => ({ xid, subject }))));
    return confirmingId(state, readClocks());
  }

  return {
    ...correspondence,
    applyHere,
    holdsLease,
    wake,
    async requireLease() {
      // A renewal that was under way may rest on clocks from too long ago, so a second one gets its chance.
      for (let attempt = 0; attempt < 2 && !holdsLease(); attempt += 1) await startRenewal();
      if (!holdsLease()) throw new LeaseMissing();
    },
    hear({ changes, replyTo }) {
      const registrationId = applyHere(changes);
      if (replyTo === null) wake();
      else if (registrationId !== undefined) correspondence.confirm(replyTo, registrationId);
    },
    beginLoad() {
      const begun = beginLoad(state);
      if (begun === undefined) return undefined;
      state = begun.state;
      return inProgress(begun.load);
    },
    start() {
      timer = setInterval(wake, leaseMs / 4).unref();
      wake();
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await renewing?.catch(() => {});
      const left = state;
      state = UNREGISTERED;
      memory.forgetAll();
      // Unless the database is away: then a fence evicts the row.
      await deleteRow(left).catch(() => {});
    },
    status: () => ({
      id: state.registration?.id,
      leaseLeftMs: leaseLeftMs(state.lease, readClocks()),
      lagMs: state.lease && clock.monotonicMs() - state.lease.since.monotonicMs,
      renewals,
      failures,
      evictions,
      clockOffsetMs,
    }),
  };

  function inProgress(load: Load): LoadInProgress {
    return {
      settle(snapshot) {
        const stale = isLoadUsable(state, load, readClocks()) ? staleSubjects(state, snapshot) : undefined;
        state = endLoad(state, load);
        return stale;
      },
      abandon() {
        state = endLoad(state, load);
      },
    };
  }
}

/** The database answers, but so slowly that no lease outlives the answer. */
export class LeaseMissing extends Error {
  override readonly name = 'LeaseMissing';
  /** The code by which `isDatabaseUnavailable` knows it. */
  readonly code = 'ETIMEDOUT';
}

function leaseLeftMs(lease: Lease | undefined, now: Clocks): number {
  if (lease === undefined || !isLeaseValid(lease, now)) return 0;
  return lease.since.monotonicMs + lease.durationMs - now.monotonicMs;
}

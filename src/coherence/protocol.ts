/**
 * The rules by which a replica may answer from memory, as pure functions on values: the running code and the exhaustive
 * exploration in test/coherence use the very same ones.
 *
 * The promise: once a call that takes rights away has answered, no replica answers with the old rights to a request that
 * was sent afterwards. In short, how it is kept:
 *
 * 1. A change writes its invalidations in its own transaction.
 * 2. A replica reads the invalidations that its last snapshot did not show, *applies* them to its memory, and only then
 *    acknowledges the snapshot it has read in. That renews its lease, which runs from *before* the read.
 * 3. The fence waits, after the commit, until every registered replica has acknowledged a snapshot that shows the change,
 *    or has confirmed it directly, or cannot hold a lease any more; the last kind it evicts.
 * 4. A replica that finds itself evicted forgets everything and registers anew, under another id.
 *
 * What must not be dropped from it is said at each function; dropping any of it lets an old right through.
 */
import { isVisible, type Snapshot, type Xid } from './snapshot.ts';
import type { Subject } from './subject.ts';

/** Both clocks of one process, read together. */
export interface Clocks {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** The permission to answer from memory. */
export interface Lease {
  /** The clocks before the read that it rests on. */
  readonly since: Clocks;
  readonly durationMs: number;
}

/**
 * Whether the lease holds at `now`. The monotonic clock decides; the wall clock must agree, since the monotonic one
 * stands still while a machine is suspended. A wall clock that was set back agrees to nothing until the next renewal.
 */
export function isLeaseValid({ since, durationMs }: Lease, now: Clocks): boolean {
  const elapsedMs = now.monotonicMs - since.monotonicMs;
  const wallElapsedMs = now.wallMs - since.wallMs;
  return elapsedMs < durationMs && wallElapsedMs >= 0 && wallElapsedMs < durationMs;
}

export interface Invalidation {
  readonly xid: Xid;
  readonly subject: Subject;
}

export interface Registration {
  /** Random, new with every registration: an acknowledgement of an earlier one can never pass for this one's. */
  readonly id: string;
  /** Counts with every renewal; the database renews only from the number that the replica knows. */
  readonly renewals: number;
  /** All invalidations visible in it are applied. */
  readonly acked: Snapshot;
}

/** A question to the database about records, under way. */
export interface Load {
  readonly registrationId: string;
  /** How many applications had happened when it was sent. */
  readonly sentAfter: number;
}

export interface ReplicaState {
  readonly registration: Registration | undefined;
  readonly lease: Lease | undefined;
  /** How many times invalidations were applied. */
  readonly applications: number;
  /** What was applied while loads were under way: their answers may still show what was before. */
  readonly applied: readonly (Invalidation & { readonly application: number })[];
  readonly loads: readonly Load[];
}

/** Before the first registration, after leaving, and after an eviction: nothing is remembered and nothing vouched for. */
export const UNREGISTERED: ReplicaState = {
  registration: undefined,
  lease: undefined,
  applications: 0,
  applied: [],
  loads: [],
};

/** The lease of a registration runs from the clocks before it was sent; `snapshot` is that of the very statement. */
export function register(id: string, snapshot: Snapshot, lease: Lease): ReplicaState {
  return { ...UNREGISTERED, registration: { id, renewals: 0, acked: snapshot }, lease };
}

/** A renewal under way. */
export interface Renewal {
  readonly registration: Registration;
  readonly startedAt: Clocks;
}

export function beginRenewal(registration: Registration, now: Clocks): Renewal {
  return { registration, startedAt: now };
}

/**
 * Notes that `invalidations` have been applied, whether they were read or told. The caller drops their subjects from
 * memory in the same turn, before it acknowledges or confirms anything.
 */
export function apply(state: ReplicaState, invalidations: readonly Invalidation[]): ReplicaState {
  const application = state.applications + 1;
  if (state.loads.length === 0) return { ...state, applications: application };
  const applied = [...state.applied, ...invalidations.map((one) => ({ ...one, application }))];
  return { ...state, applications: application, applied };
}

/**
 * After the database has taken the acknowledgement of `snapshot`, in which the renewal's invalidations were read. If it
 * has not, since the row was gone or had another count, the replica is evicted: it becomes {@link UNREGISTERED}, and the
 * caller forgets everything. A renewal of a registration that was given up meanwhile brings nothing back.
 */
export function settleRenewal(
  state: ReplicaState,
  { registration, startedAt }: Renewal,
  { snapshot, isAcknowledged, leaseMs }: { snapshot: Snapshot; isAcknowledged: boolean; leaseMs: number },
): ReplicaState {
  if (state.registration?.id !== registration.id) return state;
  if (!isAcknowledged) return UNREGISTERED;
  return {
    ...state,
    registration: { ...registration, renewals: registration.renewals + 1, acked: snapshot },
    lease: { since: startedAt, durationMs: leaseMs },
  };
}

/** Only what is sent after the registration's answer may ever be used. */
export function beginLoad(state: ReplicaState): { readonly state: ReplicaState; readonly load: Load } | undefined {
  if (state.registration === undefined) return undefined;
  const load = { registrationId: state.registration.id, sentAfter: state.applications };
  return { state: { ...state, loads: [...state.loads, load] }, load };
}

/** Forgets a load, and what was kept for its sake alone. */
export function endLoad(state: ReplicaState, load: Load): ReplicaState {
  const loads = state.loads.filter((each) => each !== load);
  const oldest = Math.min(...loads.map(({ sentAfter }) => sentAfter));
  return { ...state, loads, applied: state.applied.filter(({ application }) => application > oldest) };
}

/** Whether what a load has found may be used now, or remembered. */
export function isLoadUsable({ registration, lease }: ReplicaState, load: Load, now: Clocks): boolean {
  return registration?.id === load.registrationId && lease !== undefined && isLeaseValid(lease, now);
}

/**
 * The subjects about which a load that was read in `snapshot` may tell what was before: an applied invalidation that the
 * snapshot does not show is news to it. Ask before the load is ended.
 */
export function staleSubjects({ applied }: ReplicaState, snapshot: Snapshot): ReadonlySet<Subject> {
  return new Set(applied.filter(({ xid }) => !isVisible(xid, snapshot)).map(({ subject }) => subject));
}

/**
 * The registration that may confirm to a fence what was told and is applied, if one may. Without a lease none: a process
 * brought back from an old image would speak for the one that has gone on under the same registration.
 */
export function confirmingId({ registration, lease }: ReplicaState, now: Clocks): string | undefined {
  return lease !== undefined && isLeaseValid(lease, now) ? registration?.id : undefined;
}

/** A row of `replicas`, as a fence sees it. */
export interface Member {
  readonly id: string;
  readonly leaseMs: number;
  /** Whether all that the fence waits for is visible in what the replica has acknowledged. */
  readonly isCovered: boolean;
}

/** Whether the fence has to go on waiting for a member. `confirmed` are registrations that have confirmed to it directly. */
export function isAwaited({ id, isCovered }: Member, confirmed: ReadonlySet<string>): boolean {
  return !isCovered && !confirmed.has(id);
}

/** Clock rates may differ by so much. */
const RATE_TOLERANCE = 0.01;
const MARGIN_MS = 50;

/**
 * Whether a member that the fence still waits for may be evicted: a lease that does not cover the change was asked for
 * before the commit, so it has ended when a full lease has passed on the waiter's own clock since the commit's answer.
 * No two machines' clocks are ever compared.
 */
export function mayEvict(waitedMs: number, leaseMs: number): boolean {
  return waitedMs > leaseMs * (1 + RATE_TOLERANCE) + MARGIN_MS;
}

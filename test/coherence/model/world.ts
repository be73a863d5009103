/**
 * A model of replicas, changes and their fences on one PostgreSQL, small enough to visit every state that it can get into.
 *
 * What is real: all decisions of a replica and of a fence are made by the functions of src/coherence/protocol.ts. What is
 * modelled: when things happen. A *step* is what one party does in one go, without waiting for anybody: PostgreSQL
 * carries out a statement, an answer arrives at a replica and is worked on in one turn of its event loop, a clock moves
 * on. Any party may be so slow that any number of other steps come first, or for ever: so a process that is stopped
 * between two steps (SIGSTOP), a message that is late, overtaken or lost, and an answer that never comes need no steps
 * of their own. A stop *within* a turn changes nothing: once it has read the clocks, a turn looks at its own memory only,
 * and every request that it answers had been sent before.
 *
 * The parts of a state, and where their steps are:
 *
 * - `database` (postgres.ts): transactions in the order of their ids, whatever the order of their commits; the rows of
 *   `invalidations` and `replicas`; orphans, which are statements that nobody waits for any more but that may be carried
 *   out all the same.
 * - `replicas` (replica.ts, errand.ts, load.ts): each with the state that protocol.ts keeps, its memory, at most one
 *   errand (registration or renewal), loads under way, and notifications on their way to it.
 * - `changes` (change.ts): what takes rights away, from the transaction to the answer, fence included.
 * - `watch` (upkeep.ts): what one who tidies up has seen of a row of `replicas`.
 * - `faults` (fault.ts): how many more of them may happen.
 *
 * A record says only whether it tells the `old`, from before the changes of its subject, or the `new`. For the subject
 * `creation` the old is that a credential is unknown. What can do no harm is left out: a new record is not remembered,
 * and a fence answers as soon as it may, since answering later only gives everybody more time.
 *
 * Time: the present is always zero, and noted clocks recede into the past, by a *tick* at a time and no further than
 * where nothing can tell the difference. So the clocks never run out, and the states are finitely many without a bound on
 * the length of a history. Ids of registrations are used again when nothing mentions them any more, for the same reason.
 *
 * What is not in it: more than two replicas and two changes; more faults in one history than a set-up says; records read
 * from a server that lags behind while renewals go to another, and machines of which both clocks stop, since the protocol
 * rests on neither happening.
 *
 * How to read a trace: one line is one step; `1a`, `1b` … are the registrations of replica 1. The last line says which
 * promise is broken, and by whom. It is a shortest one, so every line is there for a reason: ask of each what would have
 * been different without it.
 */
import type { Clocks, Invalidation, Load, Member, Renewal, ReplicaState } from '../../../src/coherence/protocol.ts';
import type { Snapshot, Xid } from '../../../src/coherence/snapshot.ts';
import type { Subject } from '../../../src/coherence/subject.ts';
import type { Database, KnownRow, Row } from './postgres.ts';

export interface World {
  readonly database: Database;
  readonly replicas: readonly Replica[];
  readonly changes: readonly Change[];
  readonly watch: Watch;
  readonly faults: Faults;
}

/** What a record tells. */
export type Finding = 'old' | 'new';

export interface Replica {
  readonly state: ReplicaState;
  /** The subjects whose old record it remembers. */
  readonly memory: readonly Subject[];
  readonly errand: Errand | undefined;
  readonly loads: readonly LoadUnderWay[];
  /** The changes of which a notification is on its way. */
  readonly told: readonly number[];
  /** The registration whose row it deletes before it ends. */
  readonly leaving: { readonly registration: KnownRow; readonly isDeleted: boolean } | undefined;
  /** All that it reaches is a copy of the database as of this snapshot, which takes no writes. */
  readonly copy: Snapshot | undefined;
  /** Of a request whose last byte is still to come, if a switched-off rule makes anything of it. */
  readonly head: { readonly found: readonly Subject[] } | { readonly clocks: Clocks } | undefined;
}

/** What a replica does about its registration, named by the last thing that has happened to it. */
export type Errand = Registering | Renewing;

export interface Registering {
  readonly kind: 'registration';
  readonly at: 'sent' | 'executing' | 'committed';
  readonly id: string;
  readonly since: Clocks;
  /** From `executing` on. */
  readonly snapshot?: Snapshot;
}

export interface Renewing {
  readonly kind: 'renewal';
  readonly at: 'begun' | 'read' | 'acknowledging' | 'settled';
  readonly renewal: Renewal;
  /** From `read` on. */
  readonly snapshot?: Snapshot;
  readonly invalidations?: readonly Invalidation[];
  /** When `settled`. */
  readonly isAcknowledged?: boolean;
}

export interface LoadUnderWay {
  readonly load: Load;
  readonly subject: Subject;
  /** A change of the subject had answered when the load began: the requests that it answers must be told the new. */
  readonly isOwed: boolean;
  readonly answer: { readonly snapshot: Snapshot; readonly finding: Finding } | undefined;
  /** What was recalled for the same requests before the load, if a switched-off rule makes use of it. */
  readonly recalled?: readonly Subject[];
}

export interface Change {
  readonly at: 'to come' | 'begun' | 'committed' | 'fencing' | 'answered';
  readonly xid: Xid | undefined;
  /** Since the commit has answered, by the clock of whoever waits. */
  readonly waitedMs: number;
  /** Those rows of `replicas`, as last read, that do not cover the change. */
  readonly members: readonly Member[] | undefined;
  /** The registrations that have confirmed. A confirmation on its way is like one that the fence has yet to look at. */
  readonly confirmed: readonly string[];
}

export interface Watch {
  /** As it was seen, if one was. */
  readonly row: (KnownRow & Pick<Row, 'leaseMs'>) | undefined;
  readonly sinceMs: number;
}

/** How many more of each may happen. */
export interface Faults {
  /** The answer to a statement never comes; the statement may be carried out later, or never. */
  readonly losses: number;
  /** A replica's process ends without leaving, and starts again. */
  readonly crashes: number;
  /** A replica's machine is suspended for a tick: its monotonic clock stands still. */
  readonly suspensions: number;
  /** A replica's wall clock is set back by a tick. */
  readonly clockChanges: number;
  /** A replica's connections stay with a copy of the database that has been left behind and takes no writes. */
  readonly copies: number;
}

export interface Step {
  readonly label: string;
  readonly next: World;
  /** The promise that this very step breaks. */
  readonly broken?: string;
}

/** The present, on every machine and always. */
export const PRESENT: Clocks = { monotonicMs: 0, wallMs: 0 };

export function withReplica(world: World, n: number, change: Partial<Replica>): World {
  return { ...world, replicas: world.replicas.map((each, m) => (m === n ? { ...each, ...change } : each)) };
}

export function withChange(world: World, n: number, change: Partial<Change>): World {
  return { ...world, changes: world.changes.map((each, m) => (m === n ? { ...each, ...change } : each)) };
}

import { UNREGISTERED } from '../../../src/coherence/protocol.ts';
import type { Subject } from '../../../src/coherence/subject.ts';
import { idOf } from './ids.ts';
import { EMPTY_DATABASE, takeSnapshot } from './postgres.ts';
import { RULES, type Rules } from './rules.ts';
import { type Change, type Faults, PRESENT, type Replica, type Watch, type World } from './world.ts';

/** A world to explore, and the rules by which it runs. */
export interface Setup {
  readonly replicas: number;
  readonly changes: readonly ChangeSetup[];
  /**
   * How many loads the first replica may have under way. The others load nothing: what one remembers makes no difference
   * to anybody else, so one that remembers is enough to break a promise.
   */
  readonly loads: number;
  readonly leaseMs: number;
  /** How much the clocks of replicas, and of those who wait, show of one tick. */
  readonly tickMs: { readonly replicas: number; readonly waiters: number };
  /** After so many ticks a lease has ended and its holder may be evicted. */
  readonly ticksPerLease: number;
  readonly faults: Partial<Faults>;
  /** What else happens at times. */
  readonly leaving: boolean;
  readonly purging: boolean;
  readonly watching: boolean;
  /** This one of two replicas is an old image of the other, and goes on from before the other's last renewal. */
  readonly image?: number;
  readonly rules: Rules;
}

export interface ChangeSetup {
  readonly subject: Subject;
  /** Whether it answers only once it is effective everywhere. */
  readonly isFenced: boolean;
  /** The replica in whose process it runs. */
  readonly host?: number;
  /** It begins only after this one has answered. */
  readonly after?: number;
}

/** Two subjects, for changes. */
export const TOKEN = 'tkn_1' as Subject;
export const OTHER_TOKEN = 'tkn_2' as Subject;

/** One replica, one revocation, nothing goes wrong; a tick is just longer than a lease may last. */
const SIMPLEST: Setup = {
  replicas: 1,
  changes: [{ subject: TOKEN, isFenced: true }],
  loads: 1,
  leaseMs: 1_000,
  tickMs: { replicas: 1_100, waiters: 1_100 },
  ticksPerLease: 1,
  faults: {},
  leaving: false,
  purging: false,
  watching: false,
  rules: RULES,
};

export function setUp({ rules, ...rest }: Partial<Omit<Setup, 'rules'>> & { rules?: Partial<Rules> } = {}): Setup {
  return { ...SIMPLEST, ...rest, rules: { ...RULES, ...rules } };
}

/** Two ticks make a lease, so that it can be seen halfway. */
export const HALVED = { tickMs: { replicas: 550, waiters: 550 }, ticksPerLease: 2 } as const;

const NO_FAULTS: Faults = { losses: 0, crashes: 0, suspensions: 0, clockChanges: 0, copies: 0 };

export const FRESH_REPLICA: Replica = {
  state: UNREGISTERED,
  memory: [],
  errand: undefined,
  loads: [],
  told: [],
  leaving: undefined,
  copy: undefined,
  head: undefined,
};

export const NOTHING_SEEN: Watch = { row: undefined, sinceMs: 0 };

const CHANGE_TO_COME: Change = { at: 'to come', xid: undefined, waitedMs: 0, members: undefined, confirmed: [] };

export function initialWorld(setup: Setup): World {
  const world: World = {
    database: EMPTY_DATABASE,
    replicas: Array.from({ length: setup.replicas }, () => FRESH_REPLICA),
    changes: setup.changes.map(() => CHANGE_TO_COME),
    watch: NOTHING_SEEN,
    faults: { ...NO_FAULTS, ...setup.faults },
  };
  return setup.image === undefined ? world : withImage(setup, world, setup.image);
}

/** The image remembers what the other did; its wall clock shows that time has passed, its monotonic clock does not. */
function withImage({ rules, leaseMs, ticksPerLease, tickMs }: Setup, world: World, image: number): World {
  const acked = takeSnapshot(world.database);
  const stateOf = (wallMs: number) =>
    rules.register(idOf(0, 0), acked, { since: { monotonicMs: 0, wallMs }, durationMs: leaseMs });
  const state = stateOf(PRESENT.wallMs);
  const registration = { id: idOf(0, 0), renewals: 1, acked };
  const original: Replica = { ...FRESH_REPLICA, state: { ...state, registration } };
  const copy: Replica = { ...FRESH_REPLICA, state: stateOf(-ticksPerLease * tickMs.replicas), memory: [TOKEN] };
  return {
    ...world,
    database: { ...world.database, rows: [{ ...registration, leaseMs }] },
    replicas: world.replicas.map((_, n) => (n === image ? copy : original)),
  };
}

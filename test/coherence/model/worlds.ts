import { HALVED, OTHER_TOKEN, type Setup, setUp, TOKEN } from './setup.ts';

/** Worlds that are explored, by what is in them. */
export interface NamedWorld {
  readonly name: string;
  readonly setup: Setup;
}

export const REVOCATION = { subject: TOKEN, isFenced: true } as const;
const OTHER_REVOCATION = { subject: OTHER_TOKEN, isFenced: true } as const;
/** A change that only adds, and so answers without a fence. */
export const CREATION = { subject: 'creation', isFenced: false } as const;

/** The second finds nothing to change if the first was faster: a repeated call, or another's. */
export const SAME = [REVOCATION, REVOCATION] as const;
export const DIFFERENT = [REVOCATION, OTHER_REVOCATION] as const;
export const ONE_AFTER_THE_OTHER = [REVOCATION, { ...OTHER_REVOCATION, after: 0 }] as const;

/** Rates as far apart as they may be, and ticks such that the margin matters. */
export const RATES_APART = { tickMs: { replicas: 991, waiters: 1_001 }, ticksPerLease: 2 } as const;

/** For every run of the tests. */
export const SMALL_WORLDS: readonly NamedWorld[] = [
  { name: 'a lost answer', setup: setUp({ ...HALVED, faults: { losses: 1 } }) },
  { name: 'a killed process', setup: setUp({ faults: { crashes: 1 } }) },
  { name: 'a suspended machine', setup: setUp({ ...HALVED, faults: { suspensions: 1 } }) },
  { name: 'a wall clock set back', setup: setUp({ ...HALVED, faults: { clockChanges: 1 } }) },
  { name: 'a PostgreSQL that was left behind', setup: setUp({ faults: { copies: 1 } }) },
  { name: 'clocks that run at different rates', setup: setUp(RATES_APART) },
  { name: 'two loads at once', setup: setUp({ ...HALVED, loads: 2 }) },
  { name: 'leaving, and upkeep', setup: setUp({ leaving: true, purging: true, watching: true }) },
  { name: 'a creation', setup: setUp({ ...HALVED, changes: [CREATION], purging: true, faults: { losses: 1 } }) },
  { name: 'a revocation and its repetition', setup: setUp({ changes: SAME }) },
  { name: 'two revocations', setup: setUp({ changes: DIFFERENT }) },
  { name: 'two revocations, one after the other', setup: setUp({ changes: ONE_AFTER_THE_OTHER }) },
  {
    name: 'two replicas, one of which revokes',
    setup: setUp({ replicas: 2, changes: [{ ...REVOCATION, host: 0 }] }),
  },
  // The image soon becomes a replica like any other.
  { name: 'a replica and an old image of it', setup: setUp({ replicas: 2, image: 1 }) },
  { name: 'a replica and an old image of it that remembers', setup: setUp({ replicas: 2, image: 0 }) },
];

/** Up to some minutes each. */
export const LARGE_WORLDS: readonly NamedWorld[] = [
  { name: 'two replicas', setup: setUp({ replicas: 2 }) },
  { name: 'two revocations, and upkeep', setup: setUp({ changes: DIFFERENT, purging: true }) },
  {
    name: 'a lost answer, leaving, and upkeep',
    setup: setUp({ faults: { losses: 1 }, leaving: true, purging: true, watching: true }),
  },
  { name: 'a revocation, its repetition, and a lost answer', setup: setUp({ changes: SAME, faults: { losses: 1 } }) },
  { name: 'two revocations and a lost answer', setup: setUp({ changes: DIFFERENT, faults: { losses: 1 } }) },
  {
    name: 'two replicas, one of which revokes, and a lost answer',
    setup: setUp({ replicas: 2, changes: [{ ...REVOCATION, host: 1 }], faults: { losses: 1 } }),
  },
  {
    name: 'a lost answer, a killed process, a suspended machine, and a PostgreSQL that was left behind',
    setup: setUp({ faults: { losses: 1, crashes: 1, suspensions: 1, copies: 1 } }),
  },
  {
    name: 'a replica that may leave, and an old image of it',
    setup: setUp({ replicas: 2, image: 1, leaving: true }),
  },
];

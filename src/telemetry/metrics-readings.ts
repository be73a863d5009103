import type { Metrics } from './metrics.ts';

/** What parts of one process tell of themselves when somebody asks; beside them, what was counted. All of it at no cost. */
export interface ProcessReadings {
  readonly counted: Metrics;
  readonly cache: {
    readonly hits: number;
    readonly misses: number;
    readonly records: Fill;
    readonly unknown: Fill;
  };
  readonly lease: {
    readonly isHeld: boolean;
    readonly leftMs: number;
    /** The age of the last acknowledged snapshot; undefined before the first. */
    readonly lagMs: number | undefined;
    readonly renewals: number;
    readonly failures: number;
    /** How often this replica was evicted. */
    readonly evictions: number;
  };
  /** Uses that are counted and not written yet. */
  readonly usageBacklog: number;
  /** Denied calls that are counted and not in the audit log yet. */
  readonly denialBacklog: number;
  readonly requestLog: {
    /** Calls that are noted and not written yet. */
    readonly backlog: number;
    /** Calls that never will be written. */
    readonly lost: number;
  };
  /** Requests that were one too many, by the name of the limit. */
  readonly rateLimited: Readonly<Record<string, number>>;
  readonly database: DatabaseActivity;
  readonly witnesses: readonly WitnessReadings[];
}

/** What came of taking checkpoints to one witness. */
export interface WitnessReadings {
  /** Its name. */
  readonly witness: string;
  /** How often, by what came of it. */
  readonly outcomes: Iterable<readonly [outcome: string, count: number]>;
  /** Undefined before the first. */
  readonly lastCosignedAt: Date | undefined;
}

/** How much there is of what is bounded. */
export interface Fill {
  readonly size: number;
  readonly limit: number;
}

/** What this process is doing with the database. */
export interface DatabaseActivity {
  /** Open connections, by the name of their pool. */
  readonly connections: Readonly<Record<string, number>>;
  /** Transactions that wait for a connection. */
  readonly waiting: number;
  /** Transactions that have one. */
  readonly running: number;
  readonly outcomes: Readonly<Record<TransactionOutcome, number>>;
  /** Transactions that were begun again after a deadlock. */
  readonly retries: number;
}

/** `in_doubt`: the answer to the commit was lost, so it may have happened or not. */
export type TransactionOutcome = 'committed' | 'rolled_back' | 'in_doubt';

/** What the database tells of the whole installation. */
export interface DatabaseReadings {
  readonly replicas: number;
  /** Invalidations that are kept, since not every replica has applied them or nobody has tidied up yet. */
  readonly invalidations: number;
  /** Events without a place in the audit log. */
  readonly pendingEvents: number;
  /** The age of the oldest of them, by the database's clock; 0 without any. */
  readonly oldestPendingMs: number;
  /** Events with a place in a log that no signed checkpoint covers yet; not of logs that are halted. */
  readonly unsignedEvents: number;
  /** The age of the oldest of them. */
  readonly oldestUnsignedMs: number;
  /** Logs for which nothing more is signed. */
  readonly haltedLogs: number;
}

import type { Family, Sample } from './metrics-family.ts';
import { introspectionSamples } from './metrics-introspections.ts';
import type { DatabaseReadings, ProcessReadings } from './metrics-readings.ts';

/**
 * Every metric of ours. The table in docs/metrics.md is generated from here. Those of the process and of Node.js come on top, as
 * prom-client names them.
 */
export const PROCESS_FAMILIES: readonly Family<ProcessReadings>[] = [
  {
    name: 'tooken_http_request_duration_seconds',
    type: 'histogram',
    help: 'Time from the arrival of a request to its answer.',
    labels: ['method', 'route', 'status'],
    across: 'sum',
    *read({ counted }) {
      for (const { method, route, status, seconds } of counted.requests.all()) {
        yield { labels: [method, route, String(status)], value: seconds };
      }
    },
  },
  {
    name: 'tooken_http_rate_limited_total',
    type: 'counter',
    help: 'Requests that were one too many.',
    labels: ['limit'],
    across: 'sum',
    read: ({ rateLimited }) => byLabel(Object.entries(rateLimited)),
  },
  {
    name: 'tooken_introspections_total',
    type: 'counter',
    help: 'Introspections by outcome: active, inactive and why, refused (the caller, or its request), or unavailable (503).',
    labels: ['outcome', 'reason'],
    across: 'sum',
    read: introspectionSamples,
  },
  {
    name: 'tooken_cache_lookups_total',
    type: 'counter',
    help: 'Credentials that memory was asked for.',
    labels: ['result'],
    across: 'sum',
    read: ({ cache: { hits, misses } }) => byLabel(Object.entries({ hit: hits, miss: misses })),
  },
  {
    name: 'tooken_cache_entries',
    type: 'gauge',
    help: 'Credentials in memory: records, and values that nobody was given.',
    labels: ['kind'],
    across: 'sum',
    read: ({ cache }) => byLabel([['record', cache.records.size] as const, ['unknown', cache.unknown.size] as const]),
  },
  {
    name: 'tooken_cache_entries_limit',
    type: 'gauge',
    help: 'How many entries memory holds at most.',
    labels: ['kind'],
    across: 'sum',
    read: ({ cache }) => byLabel([['record', cache.records.limit] as const, ['unknown', cache.unknown.limit] as const]),
  },
  {
    name: 'tooken_cache_loads_total',
    type: 'counter',
    help: 'Look-ups in the database: loaded, failed, or stale, which are made again since something changed meanwhile.',
    labels: ['outcome'],
    across: 'sum',
    read: ({ counted }) => byLabel(counted.loads.outcomes.all()),
  },
  {
    name: 'tooken_cache_load_credentials',
    type: 'histogram',
    help: 'Credentials that one look-up asked for.',
    labels: [],
    across: 'sum',
    read: ({ counted }) => [{ value: counted.loads.batchSizes }],
  },
  {
    name: 'tooken_lease_held',
    type: 'gauge',
    help: 'Whether this process may answer from memory: 1 or 0.',
    labels: [],
    across: 'apart',
    read: ({ lease }) => [{ value: lease.isHeld ? 1 : 0 }],
  },
  {
    name: 'tooken_lease_remaining_seconds',
    type: 'gauge',
    help: 'Time left until the lease ends; 0 without one.',
    labels: [],
    across: 'apart',
    read: ({ lease }) => [{ value: lease.leftMs / 1000 }],
  },
  {
    name: 'tooken_lease_lag_seconds',
    type: 'gauge',
    help: 'Age of the last acknowledged snapshot: how far this process is behind the database at most.',
    labels: [],
    across: 'apart',
    read: ({ lease: { lagMs } }) => (lagMs === undefined ? [] : [{ value: lagMs / 1000 }]),
  },
  {
    name: 'tooken_lease_renewals_total',
    type: 'counter',
    help: 'Renewals of the lease, by outcome.',
    labels: ['outcome'],
    across: 'sum',
    read: ({ lease: { renewals, failures } }) => byLabel(Object.entries({ renewed: renewals, failed: failures })),
  },
  {
    name: 'tooken_replica_evictions_total',
    type: 'counter',
    help: 'Replicas that were evicted: this one, noticed by itself, or others, by fences of this one.',
    labels: ['evicted'],
    across: 'sum',
    read: ({ lease, counted }) => byLabel(Object.entries({ self: lease.evictions, other: counted.fences.evictions })),
  },
  {
    name: 'tooken_fence_wait_seconds',
    type: 'histogram',
    help: 'Time from the commit of a change that takes rights away until it was effective everywhere.',
    labels: [],
    across: 'sum',
    read: ({ counted }) => [{ value: counted.fences.seconds }],
  },
  {
    name: 'tooken_fences_total',
    type: 'counter',
    help: 'Waits for a change to be effective everywhere, by outcome; after one that failed the caller got a 503.',
    labels: ['outcome'],
    across: 'sum',
    read: ({ counted }) => byLabel(counted.fences.outcomes.all()),
  },
  {
    name: 'tooken_usage_backlog',
    type: 'gauge',
    help: 'Uses of credentials that are counted and not written yet.',
    labels: [],
    across: 'sum',
    read: ({ usageBacklog }) => [{ value: usageBacklog }],
  },
  {
    name: 'tooken_audit_denials_backlog',
    type: 'gauge',
    help: 'Denied calls that are counted and not in the audit log yet.',
    labels: [],
    across: 'sum',
    read: ({ denialBacklog }) => [{ value: denialBacklog }],
  },
  {
    name: 'tooken_request_log_backlog',
    type: 'gauge',
    help: 'Management calls that are noted and not in the request log yet.',
    labels: [],
    across: 'sum',
    read: ({ requestLog }) => [{ value: requestLog.backlog }],
  },
  {
    name: 'tooken_request_log_lost_total',
    type: 'counter',
    help: 'Management calls that are missing in the request log, since the database was away for too long.',
    labels: [],
    across: 'sum',
    read: ({ requestLog }) => [{ value: requestLog.lost }],
  },
  {
    name: 'tooken_witness_checkpoints_total',
    type: 'counter',
    help: 'Checkpoints of audit logs that were taken to a witness, by what came of it; one that diverged stops its log.',
    labels: ['witness', 'outcome'],
    across: 'sum',
    read: ({ witnesses }) =>
      witnesses.flatMap(({ witness, outcomes }) =>
        [...outcomes].map(([outcome, value]) => ({ labels: [witness, outcome], value })),
      ),
  },
  {
    name: 'tooken_witness_last_cosignature_timestamp_seconds',
    type: 'gauge',
    help: 'When the witness last cosigned a checkpoint, in seconds since 1970; absent before the first since the start.',
    labels: ['witness'],
    across: 'max',
    read: ({ witnesses }) =>
      witnesses.flatMap(({ witness, lastCosignedAt: at }) =>
        at === undefined ? [] : [{ labels: [witness], value: at.getTime() / 1000 }],
      ),
  },
  {
    name: 'tooken_database_connections',
    type: 'gauge',
    help: 'Open connections to the database.',
    labels: ['pool'],
    across: 'sum',
    read: ({ database }) => byLabel(Object.entries(database.connections)),
  },
  {
    name: 'tooken_database_transactions_in_progress',
    type: 'gauge',
    help: 'Transactions that wait for a connection, or run.',
    labels: ['state'],
    across: 'sum',
    read: ({ database: { waiting, running } }) => byLabel(Object.entries({ waiting, running })),
  },
  {
    name: 'tooken_database_transactions_total',
    type: 'counter',
    help: 'Transactions by outcome; in_doubt are those whose answer was lost.',
    labels: ['outcome'],
    across: 'sum',
    read: ({ database }) => byLabel(Object.entries(database.outcomes)),
  },
  {
    name: 'tooken_database_transaction_retries_total',
    type: 'counter',
    help: 'Transactions that were begun again after a deadlock.',
    labels: [],
    across: 'sum',
    read: ({ database }) => [{ value: database.retries }],
  },
];

/** The processes of a service. One that runs alone is its first worker. */
export interface CrewReadings {
  /** Whether each worker answers, from the first on. */
  readonly isUp: readonly boolean[];
  /** How many have ended unasked. */
  readonly losses: number;
}

export const CREW_FAMILIES: readonly Family<CrewReadings>[] = [
  {
    name: 'tooken_worker_up',
    type: 'gauge',
    help: 'Whether the worker answers: 1 or 0.',
    labels: ['worker'],
    across: 'max',
    read: ({ isUp }) => isUp.map((up, index) => ({ labels: [String(index + 1)], value: up ? 1 : 0 })),
  },
  {
    name: 'tooken_worker_losses_total',
    type: 'counter',
    help: 'Workers that have ended unasked, and were started again.',
    labels: [],
    across: 'sum',
    read: ({ losses }) => [{ value: losses }],
  },
];

export const BUILD_FAMILIES: readonly Family<{ readonly version: string; readonly node: string }>[] = [
  {
    name: 'tooken_build_info',
    type: 'gauge',
    help: 'Always 1; its labels say what runs.',
    labels: ['version', 'node'],
    across: 'max',
    read: ({ version, node }) => [{ labels: [version, node], value: 1 }],
  },
];

/** Undefined when the database could not be asked: then only that is told. */
export const DATABASE_FAMILIES: readonly Family<DatabaseReadings | undefined>[] = [
  {
    name: 'tooken_database_up',
    type: 'gauge',
    help: 'Whether the database answered just now: 1 or 0.',
    labels: [],
    across: 'max',
    read: (readings) => [{ value: readings === undefined ? 0 : 1 }],
  },
  {
    name: 'tooken_replicas',
    type: 'gauge',
    help: 'Replicas that are registered in the database, those of other machines included.',
    labels: [],
    across: 'max',
    read: (readings) => optional(readings?.replicas),
  },
  {
    name: 'tooken_invalidations',
    type: 'gauge',
    help: 'Changes that are kept for replicas to apply; counted up to 10,000.',
    labels: [],
    across: 'max',
    read: (readings) => optional(readings?.invalidations),
  },
  {
    name: 'tooken_audit_pending_events',
    type: 'gauge',
    help: 'Events without a place in the audit log yet; counted up to 10,000.',
    labels: [],
    across: 'max',
    read: (readings) => optional(readings?.pendingEvents),
  },
  {
    name: 'tooken_audit_oldest_pending_seconds',
    type: 'gauge',
    help: 'Age of the oldest event without a place in the audit log; 0 without any.',
    labels: [],
    across: 'max',
    read: (readings) => optional(readings && readings.oldestPendingMs / 1000),
  },
  {
    name: 'tooken_audit_unsigned_events',
    type: 'gauge',
    help: 'Events in audit logs that no signed checkpoint covers yet; not of halted logs.',
    labels: [],
    across: 'max',
    read: (readings) => optional(readings?.unsignedEvents),
  },
  {
    name: 'tooken_audit_oldest_unsigned_seconds',
    type: 'gauge',
    help: 'Age of the oldest event that no signed checkpoint covers yet; 0 without any.',
    labels: [],
    across: 'max',
    read: (readings) => optional(readings && readings.oldestUnsignedMs / 1000),
  },
  {
    name: 'tooken_audit_halted_logs',
    type: 'gauge',
    help: 'Audit logs for which nothing more is signed: an old database was restored, or a log was changed.',
    labels: [],
    across: 'max',
    read: (readings) => optional(readings?.haltedLogs),
  },
];

function byLabel(counts: Iterable<readonly [label: string, value: number]>): Sample[] {
  return [...counts].map(([label, value]) => ({ labels: [label], value }));
}

function optional(value: number | undefined): Sample[] {
  return value === undefined ? [] : [{ value }];
}

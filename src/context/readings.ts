import type { DenialRecorder } from '../audit/denials/recorder.ts';
import type { Witnesses } from '../audit/witness/witnesses.ts';
import type { Replica } from '../coherence/replica.ts';
import type { Config } from '../config/config.ts';
import type { DatabasePool } from '../db/connection.ts';
import type { CredentialMemory } from '../introspection/memory.ts';
import type { UsageRecorder } from '../introspection/usage/recorder.ts';
import type { RequestLog } from '../requests/request-log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ProcessReadings } from '../telemetry/metrics-readings.ts';
import type { Limits } from '../web/limits.ts';

/** The parts of a process that tell of themselves. */
export interface ReadableParts {
  readonly config: Pick<Config, 'memory'>;
  readonly metrics: Metrics;
  readonly memory: CredentialMemory;
  readonly replica: Replica;
  readonly usage: UsageRecorder;
  readonly denials: readonly DenialRecorder[];
  readonly requestLog: Pick<RequestLog, 'read'>;
  readonly limits: Limits;
  readonly database: DatabasePool;
  readonly witnesses: Pick<Witnesses, 'read'>;
}

export function readProcess(parts: ReadableParts): ProcessReadings {
  const { config, metrics, memory, replica, usage, denials, limits, database } = parts;
  const { records, unknown, hits, misses } = memory.read();
  const { leaseLeftMs, lagMs, renewals, failures, evictions } = replica.status();
  return {
    counted: metrics,
    cache: {
      hits,
      misses,
      records: { size: records, limit: config.memory.maxRecords },
      unknown: { size: unknown, limit: config.memory.maxUnknown },
    },
    lease: { isHeld: replica.holdsLease(), leftMs: leaseLeftMs, lagMs, renewals, failures, evictions },
    usageBacklog: usage.backlog(),
    denialBacklog: denials.reduce((sum, recorder) => sum + recorder.backlog(), 0),
    requestLog: parts.requestLog.read(),
    rateLimited: {
      requests: limits.requests.refused(),
      introspections: limits.introspections.refused(),
      failures: limits.failures.refused(),
    },
    database: database.activity.read(),
    witnesses: parts.witnesses.read(),
  };
}

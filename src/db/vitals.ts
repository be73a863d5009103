import type { DatabaseReadings } from '../telemetry/metrics-readings.ts';
import type { Database, DatabasePool } from './connection.ts';
import { createOwnConnections } from './own-connections.ts';

/** Asks a database how it is, on a connection of its own. */
export interface VitalsReader {
  /** Undefined when the database does not answer. */
  read(): Promise<DatabaseReadings | undefined>;
  close(): Promise<void>;
}

/** Whoever watches wants to hear of a silent database, not to wait for it. */
const DEADLINE_MS = 2_000;

export function createVitalsReader({ openApart }: Pick<DatabasePool, 'openApart'>): VitalsReader {
  const connections = createOwnConnections(
    () => openApart({ maxConnections: 1, applicationName: 'tooken-metrics' }),
    DEADLINE_MS,
  );
  return {
    read: () => connections.use(selectVitals).catch(() => undefined),
    close: () => connections.close(),
  };
}

/** Costs a few index probes, and one look at each log: what may be many is counted up to a bound. */
export async function selectVitals(db: Database): Promise<DatabaseReadings> {
  const [row] = await db.$client<DatabaseReadings[]>`
    select (select count(*)::int from replicas) as replicas,
      (select count(*)::int from (select from invalidations limit 10000) counted) as invalidations,
      (select count(*)::int from (select from audit_pending limit 10000) counted) as "pendingEvents",
      coalesce((
        select greatest(0, extract(epoch from clock_timestamp() - event.occurred_at)::float8 * 1000)
        from audit_pending pending join audit_events event on event.id = pending.event_id
        order by pending.id limit 1
      ), 0) as "oldestPendingMs",
      logs.*
    from (
      select count(*) filter (where halt_reason is not null)::int as "haltedLogs",
        coalesce(sum(size - checkpoint_size) filter (where halt_reason is null), 0)::float8 as "unsignedEvents",
        coalesce(max((
          select greatest(0, extract(epoch from clock_timestamp() - leaf.logged_at)::float8 * 1000)
          from audit_leaves leaf where leaf.log_id = log.id and leaf.leaf_index = log.checkpoint_size
        )) filter (where halt_reason is null and size > checkpoint_size), 0) as "oldestUnsignedMs"
      from audit_logs log
    ) logs`;
  if (row === undefined) throw new Error('a statement without its row');
  return row;
}

import type { Database } from '../../src/db/connection.ts';

/** The ids of the registrations that there are. */
export async function registeredReplicas({ $client: sql }: Database): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`select id from replicas order by id`;
  return rows.map(({ id }) => id);
}

/** Registers a replica that has never heard of anything, and never will: as one that has crashed leaves it. */
export async function plantCrashedReplica({ $client: sql }: Database, leaseMs: number): Promise<string> {
  const id = crypto.randomUUID();
  await sql`
    insert into replicas (id, acked, lease_ms, address, started_at)
    values (${id}, pg_current_snapshot(), ${leaseMs}, 'gone:1', now())`;
  return id;
}

/** Whether every registered replica has applied the invalidations of everything that is committed now. */
export async function haveAllApplied({ $client: sql }: Database): Promise<boolean> {
  const [row] = await sql<{ applied: boolean }[]>`
    select bool_and(pg_visible_in_snapshot(i.xid, r.acked)) as applied from invalidations i, replicas r`;
  return row?.applied !== false;
}

import type { Subject } from '../audit/erasures/subject.ts';
import { clientOf } from '../db/client.ts';
import type { Database, Transaction } from '../db/connection.ts';
import { idToUuid, type WorkspaceId } from '../lib/ids.ts';

/** What the log keeps of a subject: of a source the calls from that address, of a token or an API key from where it called. */
export interface RequestTraces {
  readonly workspaceId: WorkspaceId;
  readonly subject: Subject;
}

/** At most so many rows change in one transaction. Written out in the SQL, so that plans can count on it. */
export const REQUEST_ERASURE_BATCH = 5_000;

/** Forgets addresses and user agents of calls; returns of how many. That they were made stays known. */
export async function eraseRequests(tx: Transaction, traces: RequestTraces): Promise<number> {
  const sql = clientOf(tx);
  const { count } = await sql`
    with chosen as (
      select id from request_log where ${matching(sql, traces)} order by id limit 5000 for no key update
    )
    update request_log set ip = null, user_agent = null
    from chosen where request_log.id = chosen.id`;
  return count;
}

/** How many calls an erasure would change now. */
export async function countRequestTraces(db: Database, traces: RequestTraces): Promise<number> {
  const sql = clientOf(db);
  const [row] = await sql<{ calls: number }[]>`
    select count(*)::int as calls from request_log where ${matching(sql, traces)}`;
  return row?.calls ?? 0;
}

function matching(sql: ReturnType<typeof clientOf>, { workspaceId, subject }: RequestTraces) {
  const matches =
    subject.type === 'source'
      ? sql`environment in ('live', 'test') and ip = ${subject.id}`
      : sql`principal_id = ${subject.id} and (ip is not null or user_agent is not null)`;
  return sql`workspace_id = ${idToUuid(workspaceId)} and ${matches}`;
}

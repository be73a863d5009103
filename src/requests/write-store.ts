import { clientOf } from '../db/client.ts';
import type { Transaction } from '../db/connection.ts';

/** Adds rows, each the JSON of one. A row that is there already stays as it is. */
export async function insertRows(tx: Transaction, rows: readonly string[]): Promise<void> {
  // As text first: of a parameter that is JSON the driver would make JSON once more.
  await clientOf(tx)`
    insert into request_log (id, workspace_id, environment, at, principal_id, method, route, status, duration_ms,
      request_id, ip, user_agent)
    select id, workspace_id, environment, at, principal_id, method, route, status, duration_ms, request_id, ip, user_agent
    from json_to_recordset(${`[${rows.join(',')}]`}::text::json) as noted (id uuid, workspace_id uuid, environment text,
      at timestamptz, principal_id text, method text, route text, status smallint, duration_ms integer, request_id text,
      ip text, user_agent text)
    on conflict do nothing`;
}

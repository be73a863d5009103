import type { Environment } from '../../credentials/format.ts';
import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';
import { idFromUuid, idToUuid, type WorkspaceId } from '../../lib/ids.ts';
import type { TokenGroup } from './grouped.ts';

/** How many tokens of a role or a project are neither revoked nor expired, by environment. */
export interface GroupSize extends Readonly<Record<Environment, number>> {
  /** There may be more: not all of its tokens were looked at. */
  readonly isMore: boolean;
}

/**
 * The sizes of some roles or projects. Of each no more than `most` tokens are looked at, finished ones included, so that a
 * page of them costs the same however many there are.
 */
export async function selectGroupSizes<Id extends TokenGroup['id']>(
  db: Database,
  { workspaceId, column, ids }: { workspaceId: WorkspaceId; column: TokenGroup['column']; ids: readonly Id[] },
  { now, most }: { readonly now: Date; readonly most: number },
): Promise<Map<Id, GroupSize>> {
  const sql = clientOf(db);
  const isLive = sql`t.revoked_at is null and (t.expires_at is null or t.expires_at > ${now.toISOString()}::timestamptz)`;
  const rows = await sql<{ id: string; live: number; test: number; looked_at: number }[]>`
    select asked.id, sizes.* from unnest(${ids.map((id) => idToUuid(id))}::uuid[]) as asked (id) cross join lateral (
      select count(*) filter (where environment = 'live' and is_live)::int as live,
        count(*) filter (where environment = 'test' and is_live)::int as test, count(*)::int as looked_at
      from (
        select t.environment, ${isLive} as is_live from tokens t
        where t.workspace_id = ${idToUuid(workspaceId)} and t.${sql(column)} = asked.id limit ${most + 1}) looked_at
    ) sizes`;
  const prefix = column === 'role_id' ? 'role' : 'prj';
  return new Map(
    rows.map(({ id, live, test, looked_at }) => [
      idFromUuid(prefix, id) as TokenGroup['id'] as Id,
      { live, test, isMore: looked_at > most },
    ]),
  );
}

import { clientOf } from '../db/client.ts';
import type { Database } from '../db/connection.ts';
import { idToUuid, type WorkspaceId } from '../lib/ids.ts';
import type { ApiKey } from './api-key.ts';

/** How many tokens that the key issued are neither revoked nor expired at `now`; no more than `limit`, if given, are counted. */
export async function countLiveTokens(
  db: Database,
  workspaceId: WorkspaceId,
  { id, environment }: Pick<ApiKey, 'id' | 'environment'>,
  { now, limit = null }: { readonly now: Date; readonly limit?: number | null },
): Promise<number> {
  // A key issues tokens of its own environment only.
  const [row] = await clientOf(db)<{ count: number }[]>`
    select count(*)::int as count from (
      select from tokens
      where workspace_id = ${idToUuid(workspaceId)} and environment = ${environment} and created_by = ${id}
        and revoked_at is null and (expires_at is null or expires_at > ${now.toISOString()}::timestamptz)
      limit ${limit}::bigint) as live`;
  return row?.count ?? 0;
}

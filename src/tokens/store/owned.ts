import type { Environment } from '../../credentials/format.ts';
import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';
import { idToUuid, type MemberId, type WorkspaceId } from '../../lib/ids.ts';

/** How many tokens of a member are neither revoked nor expired, in each environment that has some. */
export async function countOwned(
  db: Database,
  { workspaceId, ownerId }: { readonly workspaceId: WorkspaceId; readonly ownerId: MemberId },
  now: Date,
): Promise<ReadonlyMap<Environment, number>> {
  const rows = await clientOf(db)<{ environment: Environment; count: number }[]>`
    select environment, count(*)::int as count from tokens
    where workspace_id = ${idToUuid(workspaceId)} and owner_id = ${idToUuid(ownerId)} and revoked_at is null
      and (expires_at is null or expires_at > ${now.toISOString()}::timestamptz)
    group by environment`;
  return new Map(rows.map(({ environment, count }) => [environment, count]));
}

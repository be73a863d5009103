import { and, count, eq, gt, isNull, or } from 'drizzle-orm';
import type { Database } from '../db/connection.ts';
import { tokens } from '../db/schema/tokens.ts';
import { idToUuid, type WorkspaceId } from '../lib/ids.ts';
import type { ApiKey } from './api-key.ts';

/** How many tokens that the key issued are neither revoked nor expired at `now`. */
export async function countLiveTokens(
  db: Database,
  workspaceId: WorkspaceId,
  { id, environment }: Pick<ApiKey, 'id' | 'environment'>,
  now: Date,
): Promise<number> {
  const [row] = await db
    .select({ count: count() })
    .from(tokens)
    .where(
      and(
        eq(tokens.workspaceId, idToUuid(workspaceId)),
        // A key issues tokens of its own environment only.
        eq(tokens.environment, environment),
        eq(tokens.createdBy, id),
        isNull(tokens.revokedAt),
        or(isNull(tokens.expiresAt), gt(tokens.expiresAt, now)),
      ),
    );
  return row?.count ?? 0;
}

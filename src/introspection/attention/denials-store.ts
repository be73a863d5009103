import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';
import { idFromUuid, idToUuid, type TokenId } from '../../lib/ids.ts';
import type { Realm } from '../../tokens/realm.ts';
import { inRealm } from '../../tokens/store/realm.ts';
import { BUCKET_SECONDS } from '../usage/buckets.ts';
import { isAdmitted, USAGE_OUTCOMES } from '../usage/outcome.ts';

/** How often a token was presented and denied. */
export interface DeniedToken {
  readonly tokenId: TokenId;
  readonly count: number;
}

const DENIED_OUTCOMES = USAGE_OUTCOMES.filter((outcome) => !isAdmitted(outcome));

/** The tokens of a realm that were denied most often since the start of an hour: up to `limit`, the most denied first. */
export async function selectMostDenied(
  db: Database,
  realm: Realm,
  sinceHour: Date,
  limit: number,
): Promise<DeniedToken[]> {
  const sql = clientOf(db);
  // The second condition on the outcome lets the index be used that holds nothing else. What is denied most is looked up
  // among the tokens last: of those that were deleted, the counts are still there.
  const rows = await sql<{ token_id: string; count: number }[]>`
    with denied as materialized (
      select usage.token_id, sum(usage.uses)::float8 as count from token_usage usage
      where usage.workspace_id = ${idToUuid(realm.workspaceId)} and usage.environment = ${realm.environment}
        and usage.outcome = any(${[...DENIED_OUTCOMES]}::text[]) and usage.outcome <> 'active'
        and usage.bucket_seconds = ${BUCKET_SECONDS.hour} and usage.starts_at >= ${sinceHour.toISOString()}::timestamptz
        and usage.token_id is not null
        ${ofOwnTokens(sql, realm)}
      group by usage.token_id
    )
    select token_id, count from denied
    where exists (select from tokens t where t.id = denied.token_id and ${inRealm(sql, realm)})
    order by count desc, token_id limit ${limit}`;
  return rows.map((row) => ({ tokenId: idFromUuid('tkn', row.token_id), count: row.count }));
}

/** The tokens of a realm that have been used since then. */
export async function selectUsedSince(db: Database, realm: Realm, since: Date): Promise<TokenId[]> {
  const sql = clientOf(db);
  const rows = await sql<{ id: string }[]>`
    select t.id from tokens t join credential_uses used on used.credential_id = t.id
    where ${inRealm(sql, realm)} and used.last_used_at >= ${since.toISOString()}::timestamptz
    order by used.last_used_at desc limit 1000`;
  return rows.map(({ id }) => idFromUuid('tkn', id));
}

function ofOwnTokens(sql: ReturnType<typeof clientOf>, realm: Realm) {
  if (realm.ownerId === null) return sql``;
  return sql`and usage.token_id = any(array(select t.id from tokens t where ${inRealm(sql, realm)}))`;
}

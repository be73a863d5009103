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
  // The second condition on the outcome lets the index be used that holds nothing else. Tokens are looked
  // up last, the most denied first, until there are enough: of those that were deleted, the counts are still there.
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
    select token_id, count from (select token_id, count from denied order by count desc, token_id) as most
    cross join lateral (select from tokens t where t.id = most.token_id and ${inRealm(sql, realm)} offset 0) as existing
    order by count desc, token_id limit ${limit}`;
  return rows.map((row) => ({ tokenId: idFromUuid('tkn', row.token_id), count: row.count }));
}

/** The tokens of a realm that have come from somewhere since then for the first time, up to 1,000, the latest first. */
export async function selectNewlySeen(db: Database, realm: Realm, since: Date): Promise<TokenId[]> {
  const sql = clientOf(db);
  const rows = await sql<{ id: string }[]>`
    select t.id from tokens t join token_sources seen on seen.token_id = t.id
    where ${inRealm(sql, realm)} and seen.is_admitted
      and coalesce(seen.first_seen_at, seen.seen_at) >= ${since.toISOString()}::timestamptz
    group by t.id
    order by max(coalesce(seen.first_seen_at, seen.seen_at)) desc limit 1000`;
  return rows.map(({ id }) => idFromUuid('tkn', id));
}

function ofOwnTokens(sql: ReturnType<typeof clientOf>, realm: Realm) {
  if (realm.ownerId === null) return sql``;
  return sql`and usage.token_id = any(array(select t.id from tokens t where ${inRealm(sql, realm)}))`;
}

import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';
import { idFromUuid, idToUuid, type TokenId } from '../../lib/ids.ts';
import type { Realm } from '../../tokens/realm.ts';
import { inRealm } from '../../tokens/store/realm.ts';
import { BUCKET_SECONDS, type Bucket } from './buckets.ts';
import type { UsageOutcome } from './outcome.ts';

/** What usage is narrowed down to; every filter given has to hold. */
export interface UsageFilters {
  readonly tokenId?: TokenId;
  readonly introspectorId?: string;
  readonly outcomes?: readonly UsageOutcome[];
  readonly secret?: 'current' | 'previous';
  /** An IPv4 address or an IPv6 /64, canonical. */
  readonly source?: string;
  /** Buckets that start at this instant or later. */
  readonly since?: Date;
  /** Buckets that start before this instant. */
  readonly until?: Date;
}

/** How often something was used within one bucket. */
export interface UsageRecord {
  /** Its place among those of the same start. */
  readonly number: string;
  readonly startsAt: Date;
  readonly tokenId: TokenId | null;
  readonly introspectorId: string | null;
  readonly source: string | null;
  readonly outcome: UsageOutcome;
  readonly secret: 'current' | 'previous' | null;
  readonly count: number;
  readonly lastUsedAt: Date;
}

export type UsagePosition = Pick<UsageRecord, 'startsAt' | 'number'>;

interface Row {
  readonly id: string;
  readonly starts_at: number;
  readonly token_id: string | null;
  readonly introspector_id: string | null;
  readonly source: string | null;
  readonly outcome: UsageOutcome;
  readonly secret: 'current' | 'previous' | null;
  readonly uses: string;
  readonly last_used_at: number;
}

/**
 * Up to `limit` records (at most 201) of a realm, newest bucket first, after `position`. Each outcome is walked by itself,
 * in the order of its index, and only the first of each walk are merged; so the cost does not grow with the table.
 */
export async function selectUsage(
  db: Database,
  realm: Realm,
  filters: UsageFilters,
  page: { readonly bucket: Bucket; readonly limit: number; readonly position: UsagePosition | undefined },
): Promise<UsageRecord[]> {
  const sql = clientOf(db);
  const conditions = [
    sql`usage.workspace_id = ${idToUuid(realm.workspaceId)} and usage.environment = ${realm.environment}`,
    sql`usage.bucket_seconds = ${BUCKET_SECONDS[page.bucket]}`,
    ...ownTokenConditions(sql, realm),
    ...filterConditions(sql, filters),
    ...positionConditions(sql, page.position),
  ];
  const outcomes = filters.outcomes ?? [undefined];
  // The limit stands in the text: of a parameter the planner assumes that it may be large, and sorts.
  const walks = outcomes.map((outcome) => {
    const all = [...conditions, ...outcomeConditions(sql, outcome)].reduce((some, one) => sql`${some} and ${one}`);
    return sql`(
      select * from token_usage usage where ${all} order by usage.starts_at desc, usage.id desc limit 201)`;
  });
  const rows = await sql<Row[]>`
    select id, extract(epoch from starts_at)::float8 * 1000 as starts_at, token_id, introspector_id, source, outcome,
      secret, uses, extract(epoch from last_used_at)::float8 * 1000 as last_used_at
    from (${walks.reduce((some, one) => sql`${some} union all ${one}`)}) as walked
    order by walked.starts_at desc, walked.id desc limit ${page.limit}`;
  return rows.map(toRecord);
}

type Sql = ReturnType<typeof clientOf>;

/** Usage knows tokens and not their owners. Looked up first: of one member's tokens the rows are found by token. */
function ownTokenConditions(sql: Sql, realm: Realm) {
  if (realm.ownerId === null) return [];
  return [sql`usage.token_id = any(array(select t.id from tokens t where ${inRealm(sql, realm)}))`];
}

function filterConditions(sql: Sql, { tokenId, introspectorId, secret, source, since, until }: UsageFilters) {
  return [
    tokenId !== undefined && sql`usage.token_id = ${idToUuid(tokenId)}`,
    introspectorId !== undefined && sql`usage.introspector_id = ${introspectorId}`,
    // Said in the text, so that the plan can use the index that holds nothing else.
    secret === 'previous' && sql`usage.secret = 'previous'`,
    secret === 'current' && sql`usage.secret = 'current'`,
    source !== undefined && sql`usage.source = ${source}`,
    since !== undefined && sql`usage.starts_at >= ${since.toISOString()}::timestamptz`,
    until !== undefined && sql`usage.starts_at < ${until.toISOString()}::timestamptz`,
  ].filter((condition) => condition !== false);
}

function outcomeConditions(sql: Sql, outcome: UsageOutcome | undefined) {
  if (outcome === undefined) return [];
  return outcome === 'active'
    ? [sql`usage.outcome = 'active'`]
    : [sql`usage.outcome = ${outcome} and usage.outcome <> 'active'`];
}

function positionConditions(sql: Sql, position: UsagePosition | undefined) {
  if (position === undefined) return [];
  const { startsAt, number } = position;
  return [sql`(usage.starts_at, usage.id) < (${startsAt.toISOString()}::timestamptz, ${number}::bigint)`];
}

function toRecord(row: Row): UsageRecord {
  return {
    number: row.id,
    startsAt: new Date(Math.round(row.starts_at)),
    tokenId: row.token_id === null ? null : idFromUuid('tkn', row.token_id),
    introspectorId: row.introspector_id,
    source: row.source,
    outcome: row.outcome,
    secret: row.secret,
    count: Number(row.uses),
    lastUsedAt: new Date(Math.round(row.last_used_at)),
  };
}

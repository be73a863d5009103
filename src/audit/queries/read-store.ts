import type postgres from 'postgres';
import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';
import { type AuditOrder, type Branch, type Facet, type Facets, INDEXED } from './filters.ts';

/** Which leaves of a log somebody may see and wants to. The leaf range excludes both ends. */
export interface LeafSelection {
  readonly logId: string;
  readonly environment: 'live' | 'test';
  readonly facets: Facets;
  readonly since: Date | undefined;
  readonly until: Date | undefined;
  readonly after: number;
  readonly before: number;
}

export interface LeafRow {
  readonly leafIndex: number;
  readonly eventId: string;
  readonly leaf: Buffer;
}

export interface PrivateRow {
  readonly event_id: string;
  readonly slot: string;
  readonly salt: Buffer;
  readonly payload: Buffer;
}

/** As a bigint, so that a comparison with it is an index condition. */
export const END_OF_LOG = Number.MAX_SAFE_INTEGER;

/**
 * The first `limit` (at most 201) leaves of a selection. One facet leads: for each of its values the leaves are walked in
 * index order, and only the first of each walk are merged, so the cost does not grow with the log. The other facets are
 * checked on the way.
 */
export async function selectLeaves(
  db: Database,
  asked: LeafSelection,
  order: AuditOrder,
  limit: number,
): Promise<LeafRow[]> {
  const sql = clientOf(db);
  const direction = order === 'asc' ? sql`asc` : sql`desc`;
  const selection = {
    ...asked,
    facets: await Promise.all(asked.facets.map((facet) => withPrefixes(sql, asked, facet))),
  };
  const lead = await chooseLead(sql, selection);
  const way = { direction, most: limit <= 51 ? sql`limit 51` : sql`limit 201` };
  const picked = lead === undefined ? walkAll(sql, selection, way) : walkFacet(sql, selection, lead, way);
  const rows = await sql<{ leaf_index: string; event_id: string; leaf: Buffer }[]>`
    select picked.leaf_index, event.id as event_id, event.leaf
    from (select distinct leaf_index from (${picked}) as walks order by leaf_index ${direction} limit ${limit}) as picked
    join audit_leaves leaf on leaf.log_id = ${selection.logId} and leaf.leaf_index = picked.leaf_index
    join audit_events event on event.id = leaf.event_id
    order by picked.leaf_index ${direction}`;
  return rows.map((row) => ({ leafIndex: Number(row.leaf_index), eventId: row.event_id, leaf: row.leaf }));
}

/** The leaf of one event, if it is in this log and environment. */
export async function selectLeafOf(
  db: Database,
  { logId, environment }: Pick<LeafSelection, 'logId' | 'environment'>,
  eventId: string,
): Promise<LeafRow | undefined> {
  const [row] = await clientOf(db)<{ leaf_index: string; leaf: Buffer }[]>`
    select leaf.leaf_index, event.leaf
    from audit_leaves leaf join audit_events event on event.id = leaf.event_id
    where leaf.event_id = ${eventId} and leaf.log_id = ${logId} and leaf.environment = ${environment}`;
  return row && { leafIndex: Number(row.leaf_index), eventId, leaf: row.leaf };
}

export async function selectPrivateParts(db: Database, eventIds: readonly string[]): Promise<PrivateRow[]> {
  return await clientOf(db)<PrivateRow[]>`
    select event_id, slot, salt, payload from audit_private where event_id = any(${eventIds}::uuid[])`;
}

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** In which order to walk, and how far at most. */
interface Way {
  readonly direction: Fragment;
  /** Stands in the text: of a parameter the planner assumes that it may be large, and sorts. */
  readonly most: Fragment;
}

function walkAll(sql: postgres.Sql, selection: LeafSelection, { direction, most }: Way): Fragment {
  return sql`
    select leaf.leaf_index from audit_leaves leaf
    where leaf.log_id = ${selection.logId} and leaf.environment = ${selection.environment}
      and leaf.leaf_index > ${selection.after}::bigint and leaf.leaf_index < ${selection.before}::bigint
      ${occurred(sql, selection)}
    order by leaf.leaf_index ${direction} ${most}`;
}

/** Hops from word to word, so it costs as many index probes as it finds, however many leaves have them: at most 50. */
async function withPrefixes(sql: postgres.Sql, selection: LeafSelection, facet: Facet): Promise<Facet> {
  const { wordPrefix: prefix, branches } = facet;
  if (prefix === undefined) return facet;
  const { logId, environment } = selection;
  const rows = await sql<{ word: string }[]>`
    with recursive hop as (
      (select word from audit_words where log_id = ${logId} and environment = ${environment} and word > ${prefix}
        order by word limit 1)
      union all
      select (select word from audit_words where log_id = ${logId} and environment = ${environment} and word > hop.word
        order by word limit 1)
      from hop where starts_with(hop.word, ${prefix})
    )
    select word from hop where starts_with(word, ${prefix}) limit 50`;
  return { branches: [...branches, { index: 'word', values: rows.map(({ word }) => word) }] };
}

function walkFacet(sql: postgres.Sql, selection: LeafSelection, lead: Facet, way: Way): Fragment {
  const checks = sql`${occurred(sql, selection)} ${otherFacets(sql, selection.facets, lead)}`;
  const walks = lead.branches.map((branch) => walkBranch(sql, selection, branch, checks, way));
  return walks.reduce((union, walk) => sql`${union} union all ${walk}`);
}

// `offset 0` keeps a subquery from becoming a join, which could walk the other side from its start.
function walkBranch(
  sql: postgres.Sql,
  selection: LeafSelection,
  { index, values }: Branch,
  checks: Fragment,
  { direction, most }: Way,
): Fragment {
  const { table, column } = INDEXED[index];
  const isOnLeaf = table === 'audit_leaves';
  const entry = sql(isOnLeaf ? 'leaf' : 'entry');
  const leaf = sql`cross join lateral (
    select from audit_leaves leaf
    where leaf.log_id = entry.log_id and leaf.leaf_index = entry.leaf_index ${checks}
    offset 0
  ) as checked`;
  return sql`
    select walk.leaf_index
    from unnest(${values}::text[]) as wanted (value) cross join lateral (
      select ${entry}.leaf_index from ${sql(table)} ${entry} ${isOnLeaf ? sql`` : leaf}
      where ${entry}.log_id = ${selection.logId} and ${entry}.environment = ${selection.environment}
        and ${entry}.${sql(column)} = wanted.value
        and ${entry}.leaf_index > ${selection.after}::bigint and ${entry}.leaf_index < ${selection.before}::bigint
        ${isOnLeaf ? checks : sql``}
      order by ${entry}.leaf_index ${direction} ${most}
    ) as walk`;
}

function occurred(sql: postgres.Sql, { since, until }: LeafSelection): Fragment {
  return sql`
    ${since ? sql`and leaf.occurred_at >= ${since.toISOString()}::timestamptz` : sql``}
    ${until ? sql`and leaf.occurred_at < ${until.toISOString()}::timestamptz` : sql``}`;
}

function otherFacets(sql: postgres.Sql, facets: Facets, lead: Facet): Fragment {
  const others = facets.filter((facet) => facet !== lead);
  return others.reduce((checks, { branches }) => {
    // Alternatives are tried in their order: those that need no look elsewhere first.
    const alternatives = branches.toSorted((a, b) => probesOf(a) - probesOf(b)).map((branch) => checkOf(sql, branch));
    return sql`${checks} and (${alternatives.reduce((either, check) => sql`${either} or ${check}`)})`;
  }, sql``);
}

function checkOf(sql: postgres.Sql, { index, values }: Branch): Fragment {
  const { table, column } = INDEXED[index];
  if (table === 'audit_leaves') return sql`leaf.${sql(column)} = any(${values}::text[])`;
  return sql`exists (
    select from ${sql(table)} other
    where other.log_id = leaf.log_id and other.environment = leaf.environment
      and other.${sql(column)} = any(${values}::text[]) and other.leaf_index = leaf.leaf_index
    offset 0)`;
}

/** How many index probes it takes to check a leaf. */
function probesOf({ index, values }: Branch): number {
  return INDEXED[index].table === 'audit_leaves' ? 0 : values.length;
}

/** Of several facets the one with the fewest leaves, counting no further than 5,000; then the one that is dear to check. */
async function chooseLead(sql: postgres.Sql, selection: LeafSelection): Promise<Facet | undefined> {
  const [first, ...others] = selection.facets;
  if (first === undefined || others.length === 0) return first;
  const counts = selection.facets.map((facet, place) => {
    const probes = facet.branches.reduce((sum, branch) => sum + probesOf(branch), 0);
    const entries = facet.branches.map((branch) => entriesOf(sql, selection, branch));
    return sql`
      select ${place}::int as place, count(*)::int as leaves, ${probes}::int as probes
      from (select from (${entries.reduce((union, one) => sql`${union} union all ${one}`)}) as entries limit 5000) as counted`;
  });
  const rows = await sql<{ place: number; leaves: number }[]>`
    ${counts.reduce((union, count) => sql`${union} union all ${count}`)}
    order by leaves, probes desc, place limit 1`;
  return selection.facets[rows[0]?.place ?? 0];
}

function entriesOf(sql: postgres.Sql, selection: LeafSelection, { index, values }: Branch): Fragment {
  const { table, column } = INDEXED[index];
  return sql`(
    select 1 as entry from ${sql(table)} entry
    where entry.log_id = ${selection.logId} and entry.environment = ${selection.environment}
      and entry.${sql(column)} = any(${values}::text[])
      and entry.leaf_index > ${selection.after}::bigint and entry.leaf_index < ${selection.before}::bigint
    limit 5000)`;
}

import type { Environment } from '../credentials/format.ts';
import { clientOf } from '../db/client.ts';
import type { Transaction } from '../db/connection.ts';
import { type Id, idFromUuid, idToUuid, type WorkspaceId } from '../lib/ids.ts';
import type { ListPosition } from '../lib/page.ts';

/** What the log is narrowed down to; every filter given has to hold. */
export interface RequestFilters {
  /** The id of an API key or token. */
  readonly principal?: string;
  readonly method?: string;
  /** A pattern, as the access table writes it. */
  readonly route?: string;
  readonly status?: StatusRange;
  /** Canonical. */
  readonly ip?: string;
  /** Calls that came at this instant or later. */
  readonly since?: Date;
  /** Calls that came before this instant. */
  readonly until?: Date;
}

/** From the first to the second, both included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** A management call that was made with an API key or a token. */
export interface LoggedRequest {
  readonly id: Id<'log'>;
  /** When it came. */
  readonly createdAt: Date;
  /** The id of the API key or token. */
  readonly principal: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  /** As the answer's `X-Request-Id` said. */
  readonly requestId: string;
  /** Null when unknown, or erased. */
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** Whose calls. */
export interface LogRealm {
  readonly workspaceId: WorkspaceId;
  readonly environment: Environment;
}

interface Row {
  readonly id: string;
  readonly at_ms: number;
  readonly principal_id: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly duration_ms: number;
  readonly request_id: string;
  readonly ip: string | null;
  readonly user_agent: string | null;
}

/**
 * Up to `limit` calls of a realm, newest first, after `position`. Without filters, or with times alone, they are read off the
 * index of the realm. With others there is a walk for each status that occurs (and for each method and route, where only one of
 * the two is given): within it every index has the calls in their order, and only the first of each walk are merged. So no
 * single filter, nor any of them with a status or times, nor method with route, costs more as the table grows; of other
 * combinations the calls of the rarest filter are gone through until enough of them match.
 */
export async function selectRequests(
  tx: Transaction,
  realm: LogRealm,
  filters: RequestFilters,
  page: { readonly limit: number; readonly position: ListPosition | undefined },
): Promise<LoggedRequest[]> {
  const sql = clientOf(tx);
  // Which index is best depends on the values, and each has the calls in their order: whatever sorts has read too many.
  await sql`
    select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_sort', 'off', true),
      set_config('enable_incremental_sort', 'off', true),
      set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true)`;
  const rows = await sql<Row[]>`
    ${isPlain(filters) ? wholeRealm(sql, realm, filters, page) : eachKind(sql, realm, filters, page)}`;
  return rows.map(toRequest);
}

type Sql = ReturnType<typeof clientOf>;
type Fragment = ReturnType<typeof inRealm>;
type Page = Parameters<typeof selectRequests>[3];

function isPlain({ principal, method, route, status, ip }: RequestFilters): boolean {
  return [principal, method, route, status, ip].every((filter) => filter === undefined);
}

function wholeRealm(sql: Sql, realm: LogRealm, filters: RequestFilters, page: Page) {
  // As its index has it.
  const time = sql`(at at time zone 'UTC')`;
  const conditions = [
    inRealm(sql, realm),
    ...timeConditions(
      sql,
      filters,
      page,
      time,
      (instant) => sql`(${instant.toISOString()}::timestamptz at time zone 'UTC')`,
    ),
  ];
  return sql`
    select ${columns(sql)} from request_log
    where ${all(sql, conditions)} order by ${time} desc, id desc limit ${page.limit}`;
}

function eachKind(sql: Sql, realm: LogRealm, filters: RequestFilters, page: Page) {
  const conditions = [
    inRealm(sql, realm),
    sql`status = kind.of_status`,
    ...valueConditions(sql, filters),
    ...timeConditions(sql, filters, page, sql`at`, (instant) => sql`${instant.toISOString()}::timestamptz`),
  ];
  const isOfRoutes = (filters.method === undefined) !== (filters.route === undefined);
  if (isOfRoutes) conditions.push(sql`method = kind.of_method and route = kind.of_route`);
  return sql`
    with recursive ${statuses(sql, realm, filters)} ${isOfRoutes ? sql`, ${routes(sql, realm)}` : sql``}
    select ${columns(sql)}
    from (
      select * from statuses ${isOfRoutes ? sql`, (select * from routes where ${routeCondition(sql, filters)}) as chosen` : sql``}
    ) as kind
      cross join lateral (
        select * from request_log where ${all(sql, conditions)} order by at desc, id desc limit ${page.limit}
      ) as walked
    order by at desc, id desc limit ${page.limit}`;
}

/** The statuses that occur, each found by one look into the index, behind the one before. */
function statuses(sql: Sql, realm: LogRealm, { status }: RequestFilters) {
  const { from, to } = status ?? EVERY_STATUS;
  const next = (least: Fragment) => sql`
    (select status from request_log where ${inRealm(sql, realm)} and status ${least} and status <= ${to}
      order by status limit 1)`;
  return sql`statuses (of_status) as (
    ${next(sql`>= ${from}`)}
    union all
    select found.status from statuses cross join lateral ${next(sql`> statuses.of_status`)} as found)`;
}

const EVERY_STATUS: StatusRange = { from: 0, to: 999 };

/** The methods and routes that occur, found in the same manner. */
function routes(sql: Sql, realm: LogRealm) {
  const next = (condition: Fragment) => sql`
    (select method, route from request_log where ${inRealm(sql, realm)} and ${condition} order by method, route limit 1)`;
  return sql`routes (of_method, of_route) as (
    ${next(sql`true`)}
    union all
    select found.* from routes
      cross join lateral ${next(sql`(method, route) > (routes.of_method, routes.of_route)`)} as found)`;
}

function routeCondition(sql: Sql, { method, route }: RequestFilters) {
  return method === undefined ? sql`of_route = ${route ?? ''}` : sql`of_method = ${method}`;
}

function inRealm(sql: Sql, { workspaceId, environment }: LogRealm) {
  return sql`workspace_id = ${idToUuid(workspaceId)} and environment = ${environment}`;
}

function valueConditions(sql: Sql, { principal, method, route, ip }: RequestFilters) {
  return [
    principal !== undefined && sql`principal_id = ${principal}`,
    method !== undefined && sql`method = ${method}`,
    route !== undefined && sql`route = ${route}`,
    ip !== undefined && sql`ip = ${ip}`,
  ].filter((condition) => condition !== false);
}

function timeConditions(
  sql: Sql,
  { since, until }: RequestFilters,
  { position }: Page,
  time: Fragment,
  of: (instant: Date) => Fragment,
) {
  return [
    since !== undefined && sql`${time} >= ${of(since)}`,
    until !== undefined && sql`${time} < ${of(until)}`,
    position !== undefined && sql`(${time}, id) < (${of(position.createdAt)}, ${position.uuid}::uuid)`,
  ].filter((condition) => condition !== false);
}

function all(sql: Sql, conditions: readonly Fragment[]) {
  return conditions.reduce((some, one) => sql`${some} and ${one}`);
}

function columns(sql: Sql) {
  return sql`id, extract(epoch from at)::float8 * 1000 as at_ms, principal_id, method, route, status, duration_ms, request_id, ip,
    user_agent`;
}

function toRequest(row: Row): LoggedRequest {
  return {
    id: idFromUuid('log', row.id),
    createdAt: new Date(Math.round(row.at_ms)),
    principal: row.principal_id,
    method: row.method,
    route: row.route,
    status: row.status,
    durationMs: row.duration_ms,
    requestId: row.request_id,
    ip: row.ip,
    userAgent: row.user_agent,
  };
}

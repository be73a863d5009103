import type postgres from 'postgres';
import type { SeededWorkspace } from './workspace.ts';

/** Each role, and each project, has one in so many of the tokens. */
const TOKENS_PER_TOKEN_OF_ONE = 1_000;

/** Gives the workspace so many roles and so many projects, with tokens of its in all of them. */
export async function seedNames(sql: postgres.Sql, { uuid }: SeededWorkspace, count: number): Promise<void> {
  await sql`
    insert into roles (id, workspace_id, name, scopes, created_at, created_by, updated_at)
    select uuidv7(), ${uuid}, 'role-' || n, array['invoices:read', 'payments:write'], now(), 'system', now()
    from generate_series(1, ${count}::int) as n`;
  await sql`
    insert into projects (id, workspace_id, name, created_at, created_by, updated_at)
    select uuidv7(), ${uuid}, 'project-' || n, now(), 'system', now()
    from generate_series(1, ${count}::int) as n`;
  await sql`
    with placed as (
      select id, row_number() over (order by id) % ${TOKENS_PER_TOKEN_OF_ONE}::int + 1 as place
      from tokens where workspace_id = ${uuid}
    )
    update tokens t set role_id = r.id, project_id = p.id
    from placed join roles r on r.workspace_id = ${uuid} and r.name = 'role-' || place
      join projects p on p.workspace_id = ${uuid} and p.name = 'project-' || place
    where t.id = placed.id`;
  await sql`vacuum analyze tokens`;
}

/** Fills the request log with `count` calls of the API key, three a second until now. */
export async function seedRequests(
  sql: postgres.Sql,
  { uuid, apiKeyId }: SeededWorkspace,
  count: number,
): Promise<void> {
  await sql`
    insert into request_log (id, workspace_id, environment, at, principal_id, method, route, status, duration_ms,
      request_id, ip, user_agent)
    select uuidv7(), ${uuid}, 'live', now() - interval '1 second' * n / 3, ${apiKeyId}, 'POST', '/v1/tokens',
      case when n % 50 = 0 then 403 else 201 end, 3 + n % 20, 'req_' || lpad(n::text, 26, '0'),
      '192.0.2.' || n % 250, 'deploy-pipeline/3.1 (linux)'
    from generate_series(1, ${count}::int) as n`;
  await sql`vacuum analyze request_log`;
}

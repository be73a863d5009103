import type { ApiKeyPrincipal, Caller } from '../../src/identity/principal.ts';
import { idToUuid, type WorkspaceId } from '../../src/lib/ids.ts';
import { createRequestLog, type RequestLog, type RequestLogOptions } from '../../src/requests/request-log.ts';
import { deps, newKeyId, newWorkspaceId, openTestPool } from '../audit/log.ts';
import type { TestDatabase } from '../support/database.ts';
import { silentLogger } from '../support/silent-logger.ts';

/** A call of an API key that nobody has seen before, unless `parts` says whose. */
export function newCaller(
  request: Partial<Caller['request']> = {},
  parts: Partial<ApiKeyPrincipal> = {},
): Caller & { readonly principal: ApiKeyPrincipal } {
  return {
    principal: {
      kind: 'api_key',
      id: newKeyId(),
      name: 'key',
      workspaceId: newWorkspaceId(),
      environment: 'live',
      expiresAt: null,
      ...parts,
    },
    request: { id: 'req-1', method: 'GET', route: '/v1/tokens', ip: '192.0.2.1', userAgent: 'test', ...request },
  };
}

export const ANSWERED = { at: new Date(), status: 200, durationMs: 1.6 };

/** A database, and processes that log calls into it. */
export function createWorld(database: TestDatabase) {
  const db = openTestPool(database.app, 8);
  const sql = db.$client;
  return {
    db,
    sql,
    newLog: (options: Partial<RequestLogOptions> = {}): RequestLog =>
      createRequestLog({ db, ...deps, logger: silentLogger, isKept: true, ...options }),
    /** What is written of the calls of an API key. */
    written: ({ principal }: ReturnType<typeof newCaller>) =>
      sql<{ status: number; duration_ms: number; at: string; ip: string | null; user_agent: string | null }[]>`
        select status, duration_ms, at, ip, user_agent from request_log where principal_id = ${principal.id} order by at`,
    /** Many calls, of every second up to now; `ip` is SQL that may speak of `n`, the number of the call. */
    async addCalls(workspaceId: WorkspaceId, count: number, { principal = newKeyId(), ip = "'192.0.2.1'" } = {}) {
      await sql`
        insert into request_log (id, workspace_id, environment, at, principal_id, method, route, status, duration_ms,
          request_id, ip, user_agent)
        select gen_random_uuid(), ${idToUuid(workspaceId)}, 'live', now() - n * interval '1 second', ${principal}, 'GET',
          '/v1/tokens', 200, 1, 'req', ${sql.unsafe(ip)}, 'test'
        from generate_series(1, ${count}::int) n`;
    },
  };
}

import type { MiddlewareHandler } from 'hono';
import type { Caller } from '../identity/principal.ts';
import { ServiceError } from '../lib/errors.ts';
import type { OperationAccess } from '../rights/operation.ts';
import { OAUTH_OPERATIONS, OPERATIONS } from '../rights/rights.ts';
import { answerInTime } from '../web/deadline.ts';
import { logError, toServiceError } from '../web/failure.ts';
import { pathPattern, routerPath } from '../web/paths.ts';
import { requestContext } from '../web/request-context.ts';
import type { Services } from '../web/services.ts';
import { type Api, type ApiEnv, createApi } from './api.ts';
import { renderError } from './errors.ts';
import { requireAccess } from './middleware/access.ts';
import { parseBody, receiveBody } from './middleware/body.ts';
import { requireCleanQuery } from './middleware/query.ts';
import { mountHealth } from './routes/health.ts';
import { mountReference } from './routes/reference.ts';
import { mountRoutes } from './routes.ts';

/** The HTTP API: for every operation of the access table its guards, then its handler. */
export function createHttp(services: Services): Api {
  const api = createApi();
  api.use(requestContext({ ...services, trustedProxies: services.config.trustedProxies }));
  handleFailures(api, services);
  mountHealth(api, services);
  guardOperations(api, services);
  mountRoutes(api, services);
  mountReference(api);
  return api;
}

/** Authentication, rights, limits, query and body checks, installed from the table: an operation cannot forget them. */
function guardOperations(api: Api, services: Services): void {
  const deps = { ...services, authentication: services };
  for (const access of Object.values(OPERATIONS)) {
    const path = routerPath(access.path);
    const takesBody = access.method === 'post' || access.method === 'patch';
    const before = takesBody ? [receiveBody] : [];
    const after = takesBody ? [parseBody] : [];
    const guards = [...before, answerInTime, requireAccess(deps, access), requireCleanQuery, ...after];
    for (const guard of guards) api.on(access.method, path, onItsOwnPaths(access, guard));
  }
}

/** The router shows `/v1/audit-log/stream` to the guards of `/v1/audit-log/{id}` too; whoever names a path in full has it. */
function onItsOwnPaths({ method, path }: OperationAccess, guard: MiddlewareHandler<ApiEnv>): MiddlewareHandler<ApiEnv> {
  const sameMethod = Object.values<OperationAccess>(OPERATIONS).filter((other) => other.method === method);
  const named = new Set(sameMethod.map((other) => other.path).filter((other) => other !== path));
  return (c, next) => (named.has(c.req.path) ? next() : guard(c, next));
}

function handleFailures(api: Api, { logger, refusals }: Services): void {
  api.onError(async (thrown, c) => {
    const error = toServiceError(thrown);
    const caller: Caller | undefined = c.get('caller');
    if (error.status === 403 && caller !== undefined) await refusals.denied(caller, error);
    logError(logger, c.get('requestId'), error);
    return renderError(c, error);
  });
  api.notFound((c) => {
    const allowed = methodsOf(c.req.path);
    if (allowed.length === 0 || allowed.includes(c.req.method)) return renderError(c, new ServiceError('not_found'));
    c.header('Allow', allowed.join(', '));
    return renderError(c, new ServiceError('method_not_allowed'));
  });
}

/** The methods that some operation has at `path`. */
function methodsOf(path: string): string[] {
  const operations = [...Object.values(OPERATIONS), ...Object.values(OAUTH_OPERATIONS)];
  const matching = operations.filter((operation) => pathPattern(operation.path).test(path));
  const exact = matching.filter((operation) => operation.path === path);
  return (exact.length > 0 ? exact : matching).map((operation) => operation.method.toUpperCase());
}

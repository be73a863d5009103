import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { isRoutine } from '../introspection/introspect.ts';
import { createClientAddresses } from '../lib/client-addresses.ts';
import type { IdSource } from '../lib/ids.ts';
import { createRequestIds } from '../lib/request-ids.ts';
import type { RequestLog } from '../requests/request-log.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { logRequest } from '../telemetry/request-log.ts';
import type { WebEnv } from './env.ts';
import { withoutForms } from './paths.ts';

interface RequestContextDeps extends IdSource {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'requests'>;
  readonly requestLog: Pick<RequestLog, 'note'>;
  readonly trustedProxies: readonly string[];
}

/** Gives every request its id and source, every response the headers all have, and logs and metrics their count of it. */
export function requestContext(deps: RequestContextDeps): MiddlewareHandler<WebEnv> {
  const { logger, clock, metrics, requestLog, trustedProxies } = deps;
  const requestIds = createRequestIds(deps);
  const clientAddresses = createClientAddresses(trustedProxies);
  return async (c, next) => {
    const [at, startMs] = [clock.now(), clock.monotonicMs()];
    const id = requestIds(c.req.header('x-request-id'), startMs);
    const ip = clientAddresses(c.env?.incoming?.socket?.remoteAddress, c.req.header('x-forwarded-for'));
    c.set('requestId', id);
    c.set('address', ip);
    await next();
    c.res.headers.set('X-Request-Id', id);
    c.res.headers.set('X-Content-Type-Options', 'nosniff');
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store');
    const { method } = c.req;
    const { status } = c.res;
    // Of the handler that had the last word: others behind it may match the path as well.
    const route = withoutForms(routePath(c));
    const durationMs = clock.monotonicMs() - startMs;
    metrics.requests.of(method, patternOf(route)).observe(status, durationMs);
    const caller = c.get('caller');
    if (caller !== undefined) requestLog.note(caller, { at, status, durationMs });
    logRequest(logger, clock, { id, method, route, status, ip, startMs }, isRoutine(route, status));
  };
}

/** As the access table writes it. What no route takes is one kind, whatever its path. */
function patternOf(route: string): string {
  return route.endsWith('*') ? 'other' : route.replace(/:(\w+)/g, '{$1}');
}

import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { type IdSource, newId } from '../../lib/ids.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { ApiEnv } from '../api.ts';
import { clientAddress } from '../request-source.ts';

const REQUEST_ID_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

interface RequestContextDeps extends IdSource {
  readonly logger: Logger;
  readonly trustedProxies: readonly string[];
}

/** Gives every request its id and source, every response the headers all have, and the log one line. */
export function requestContext(deps: RequestContextDeps): MiddlewareHandler<ApiEnv> {
  const { logger, clock, trustedProxies } = deps;
  return async (c, next) => {
    const start = clock.monotonicMs();
    const given = c.req.header('x-request-id');
    const requestId = given !== undefined && REQUEST_ID_PATTERN.test(given) ? given : newId('req', deps);
    c.set('requestId', requestId);
    c.set(
      'address',
      clientAddress(c.env?.incoming?.socket?.remoteAddress, c.req.header('x-forwarded-for'), trustedProxies),
    );
    await next();
    c.res.headers.set('X-Request-Id', requestId);
    c.res.headers.set('X-Content-Type-Options', 'nosniff');
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store');
    logger.log('info', 'http.request', {
      request_id: requestId,
      method: c.req.method,
      route: routePath(c, -1),
      status: c.res.status,
      duration_ms: Math.round((clock.monotonicMs() - start) * 10) / 10,
      ip: c.get('address'),
    });
  };
}

import type { Context } from 'hono';
import { type RequestOrigin, userAgentOf } from '../../audit/events/event.ts';
import type { PageEnv } from './env.ts';

/** Where a request for a page comes from, as the audit log tells it. `route` is a pattern: `/{environment}/tokens/{id}`. */
export function originOf(c: Context<PageEnv>, route: string): RequestOrigin {
  return {
    id: c.get('requestId'),
    method: c.req.method,
    route,
    ip: c.get('address'),
    userAgent: userAgentOf(c.req.header('user-agent')),
  };
}

import { Hono } from 'hono';
import { createDashboard, isForDashboard } from './dashboard/dashboard.ts';
import type { Api } from './http/api.ts';
import { createHttp } from './http/http.ts';
import type { RequestSource } from './web/request-source.ts';
import type { Services } from './web/services.ts';

export interface App {
  readonly fetch: (request: Request, env?: RequestSource) => Response | Promise<Response>;
  /** Answers without a listener, as in tests. */
  readonly request: Hono<{ Bindings: RequestSource }>['request'];
  readonly api: Api;
}

/** The whole application as a function of a request: nothing here listens, so a test calls `app.request()`. */
export function createApp(services: Services): App {
  const api = createHttp(services);
  const dashboard = createDashboard(services);
  const app = new Hono<{ Bindings: RequestSource }>();
  app.all('*', (c) => (isForDashboard(c.req.path) ? dashboard : api).fetch(c.req.raw, c.env));
  return { api, fetch: (request, env) => app.fetch(request, env), request: app.request };
}

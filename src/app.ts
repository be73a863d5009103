import { type Context, Hono } from 'hono';
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
  app.all('*', (c) => (isForPerson(c) ? dashboard : api).fetch(c.req.raw, c.env));
  return { api, fetch: (request, env) => app.fetch(request, env), request: app.request };
}

/** Whether a page is the right answer: also where there is nothing at all, to a browser that looks for it. */
function isForPerson({ req }: Context): boolean {
  if (isForDashboard(req.path)) return true;
  const isLookingForPages = req.method === 'GET' && /\btext\/html\b/.test(req.header('accept') ?? '');
  return isLookingForPages && !API_PATHS.test(req.path);
}

const API_PATHS = /^\/(?:v1|logs|docs|openapi\.yaml|healthz|readyz|\.well-known)(?:\/|$)/;

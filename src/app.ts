import type { Api } from './http/api.ts';
import { createHttp } from './http/http.ts';
import type { Services } from './web/services.ts';

/** The whole application as a function of a request: nothing here listens, so a test calls `app.request()`. */
export function createApp(services: Services): Api {
  return createHttp(services);
}

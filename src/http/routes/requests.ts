import { z } from '@hono/zod-openapi';
import { listRequests } from '../../requests/read.ts';
import type { LoggedRequest } from '../../requests/read-store.ts';
import { idSchema } from '../../web/fields.ts';
import { CALL_EXAMPLE, callFilters, callsInputOf } from '../../web/request-filters.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { instantOutput, jsonAnswer, pageOf } from '../schemas.ts';

const requestBody = z
  .object({
    id: idSchema('log'),
    at: instantOutput.openapi({ description: 'When the call came, in UTC.' }),
    principal: z
      .string()
      .openapi({ description: 'The id of the API key or token that called.', example: CALL_EXAMPLE.principal }),
    method: z.string().openapi({ example: 'DELETE' }),
    route: z.string().openapi({
      description: 'The pattern of the path, never the path with its values. Neither query nor body is kept.',
      example: CALL_EXAMPLE.route,
    }),
    status: z.int().openapi({ example: 204 }),
    duration_ms: z.int().openapi({ description: 'Until the answer began.', example: 12 }),
    request_id: z.string().openapi({
      description: 'As the `X-Request-Id` of the answer; the audit log names what the call did by it.',
      example: 'req_01kav3c4r8e0jbwn7sgm5zkqd2',
    }),
    ip: z.string().nullable().openapi({ description: 'Null when erased.', example: CALL_EXAMPLE.ip }),
    user_agent: z
      .string()
      .nullable()
      .openapi({ description: 'At most 512 characters of it; null when absent or erased.', example: 'curl/8.5.0' }),
  })
  .openapi('Request');

const listRoute = defineRoute('listRequests', {
  summary: 'See which calls API keys and tokens have made',
  description:
    'Every management call with an API key or token that is good, whatever came of it, newest first; what members do is in the audit log, and introspections are counted in usage. Filters add up. ' +
    'Calls are kept for 30 days, unless `TOOKEN_REQUEST_LOG_DAYS` of the service says otherwise; with `off` there are none. ' +
    'A call is here as soon as it is answered; one that another replica has answered, within two seconds. Streams and exports are here when they begin.',
  tags: ['Requests'],
  request: { query: callFilters },
  responses: { 200: jsonAnswer('A page of calls.', pageOf(requestBody).openapi('RequestPage')) },
});

export function mountRequests(api: Api, services: Services): void {
  api.openapi(listRoute, async (c) => {
    const input = callsInputOf(c.req.valid('query'));
    const { items, nextCursor } = await listRequests(services, c.get('caller'), input);
    return c.json({ data: items.map(present), next_cursor: nextCursor }, 200);
  });
}

function present(request: LoggedRequest): z.output<typeof requestBody> {
  return {
    id: request.id,
    at: request.createdAt.toISOString(),
    principal: request.principal,
    method: request.method,
    route: request.route,
    status: request.status,
    duration_ms: request.durationMs,
    request_id: request.requestId,
    ip: request.ip,
    user_agent: request.userAgent,
  };
}

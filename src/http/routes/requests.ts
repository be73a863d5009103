import { z } from '@hono/zod-openapi';
import { parseAddress } from '../../lib/addresses.ts';
import { idPattern } from '../../lib/ids.ts';
import { listRequests } from '../../requests/read.ts';
import type { LoggedRequest, StatusRange } from '../../requests/read-store.ts';
import { cursorInput, idSchema, instantInput, limitInput } from '../../web/fields.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { instantOutput, jsonAnswer, pageOf } from '../schemas.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE'] as const;
const EXAMPLE = {
  principal: 'key_01kav3c4r8e0jbwn7sgm5zkqd2',
  route: '/v1/tokens/{id}',
  ip: '192.0.2.7',
} as const;

const principal = z
  .string()
  .refine((text) => idPattern('key').test(text) || idPattern('tkn').test(text), {
    error: 'must be the id of an API key or token',
  })
  .openapi({ description: 'The API key or token that called.', example: EXAMPLE.principal });

const route = z
  .string()
  .regex(/^\/[\x21-\x7e]{0,199}$/, 'must be a route such as /v1/tokens/{id}')
  .openapi({ description: 'A route as the reference writes it, `{id}` and all.', example: EXAMPLE.route });

const status = z
  .string()
  .regex(/^[1-5](\d\d|xx)$/, 'must be a status such as 404, or a class such as 4xx')
  .transform((text): StatusRange => ({ from: Number(text.replace('xx', '00')), to: Number(text.replace('xx', '99')) }))
  .openapi({ type: 'string', description: 'A status, or a class of them.', example: '4xx' });

const ip = z
  .string()
  .transform((text, context) => {
    const address = parseAddress(text);
    if (address !== undefined) return address;
    context.addIssue({ code: 'custom', message: 'must be an IP address' });
    return z.NEVER;
  })
  .openapi({ type: 'string', example: EXAMPLE.ip });

const query = z.strictObject({
  principal: principal.optional(),
  method: z.enum(METHODS, `must be one of ${METHODS.join(', ')}`).optional(),
  route: route.optional(),
  status: status.optional(),
  ip: ip.optional(),
  since: instantInput.optional().openapi({ description: 'Calls that came at this time or later.' }),
  until: instantInput.optional().openapi({ description: 'Calls that came before this time.' }),
  limit: limitInput,
  cursor: cursorInput,
});

const requestBody = z
  .object({
    id: idSchema('log'),
    at: instantOutput.openapi({ description: 'When the call came, in UTC.' }),
    principal: z
      .string()
      .openapi({ description: 'The id of the API key or token that called.', example: EXAMPLE.principal }),
    method: z.string().openapi({ example: 'DELETE' }),
    route: z.string().openapi({
      description: 'The pattern of the path, never the path with its values. Neither query nor body is kept.',
      example: EXAMPLE.route,
    }),
    status: z.int().openapi({ example: 204 }),
    duration_ms: z.int().openapi({ description: 'Until the answer began.', example: 12 }),
    request_id: z.string().openapi({
      description: 'As the `X-Request-Id` of the answer; the audit log names what the call did by it.',
      example: 'req_01kav3c4r8e0jbwn7sgm5zkqd2',
    }),
    ip: z.string().nullable().openapi({ description: 'Null when erased.', example: EXAMPLE.ip }),
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
  request: { query },
  responses: { 200: jsonAnswer('A page of calls.', pageOf(requestBody).openapi('RequestPage')) },
});

export function mountRequests(api: Api, services: Services): void {
  api.openapi(listRoute, async (c) => {
    const { limit, cursor, ...asked } = c.req.valid('query');
    const { items, nextCursor } = await listRequests(services, c.get('caller'), {
      limit,
      ...(cursor !== undefined && { cursor }),
      ...(asked.principal !== undefined && { principal: asked.principal }),
      ...(asked.method !== undefined && { method: asked.method }),
      ...(asked.route !== undefined && { route: asked.route }),
      ...(asked.status !== undefined && { status: asked.status }),
      ...(asked.ip !== undefined && { ip: asked.ip }),
      ...(asked.since !== undefined && { since: asked.since }),
      ...(asked.until !== undefined && { until: asked.until }),
    });
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

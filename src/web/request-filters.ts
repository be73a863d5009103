import { z } from '@hono/zod-openapi';
import { parseAddress } from '../lib/addresses.ts';
import { idPattern } from '../lib/ids.ts';
import type { RequestsInput } from '../requests/read.ts';
import type { StatusRange } from '../requests/read-store.ts';
import { cursorInput, instantInput, limitInput } from './fields.ts';

/** The methods that a call can have. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE'] as const;
/** For the reference of the API. */
export const CALL_EXAMPLE = {
  principal: 'key_01kav3c4r8e0jbwn7sgm5zkqd2',
  route: '/v1/tokens/{id}',
  ip: '192.0.2.7',
} as const;

const principal = z
  .string()
  .refine((text) => idPattern('key').test(text) || idPattern('tkn').test(text), {
    error: 'must be the id of an API key or token',
  })
  .openapi({ description: 'The API key or token that called.', example: CALL_EXAMPLE.principal });

const route = z
  .string()
  .regex(/^\/[\x21-\x7e]{0,199}$/, 'must be a route such as /v1/tokens/{id}')
  .openapi({ description: 'A route as the reference writes it, `{id}` and all.', example: CALL_EXAMPLE.route });

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
  .openapi({ type: 'string', example: CALL_EXAMPLE.ip });

/** What the log of calls can be narrowed down to, as it is asked for. */
export const callFilters = z.strictObject({
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

/** What is asked for, without what is not. */
export function callsInputOf({ limit, cursor, ...asked }: z.output<typeof callFilters>): RequestsInput {
  return {
    limit,
    ...(cursor !== undefined && { cursor }),
    ...(asked.principal !== undefined && { principal: asked.principal }),
    ...(asked.method !== undefined && { method: asked.method }),
    ...(asked.route !== undefined && { route: asked.route }),
    ...(asked.status !== undefined && { status: asked.status }),
    ...(asked.ip !== undefined && { ip: asked.ip }),
    ...(asked.since !== undefined && { since: asked.since }),
    ...(asked.until !== undefined && { until: asked.until }),
  };
}

import { z } from '@hono/zod-openapi';
import { type AuditViewer, isActionPattern } from '../../audit/filters.ts';
import { getEvent, queryEvents } from '../../audit/read.ts';
import type { Caller } from '../../identity/principal.ts';
import { parseAddress } from '../../lib/addresses.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { EventId } from '../../lib/ids.ts';
import { type Api, defineRoute } from '../api.ts';
import { auditEventBody, presentEvent } from '../audit-event.ts';
import { cursorInput, idSchema, instantInput, jsonAnswer, limitInput, pageOf } from '../schemas.ts';
import type { Services } from '../services.ts';

const MAX_VALUES = 20;

/** A comma-separated list of values that all satisfy `isValid`. */
function listOf(isValid: (value: string) => boolean, problem: string) {
  return z
    .string()
    .transform((text) => text.split(','))
    .refine((values) => values.length <= MAX_VALUES, { error: `must name at most ${MAX_VALUES} values` })
    .refine((values) => values.every(isValid), { error: problem })
    .optional();
}

const ID_PATTERN = /^[a-z]{2,8}_[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const TARGET_PATTERN = /^[A-Za-z0-9._:-]{1,300}$/;

const query = z.strictObject({
  action: listOf(isActionPattern, 'must name actions such as token.created, or all of a kind as in token.*').openapi({
    type: 'string',
    example: 'token.revoked,api_key.*',
  }),
  actor: listOf(
    (value) => ID_PATTERN.test(value) || value === 'system' || value === 'anonymous',
    'must name ids, system or anonymous',
  ).openapi({ type: 'string', description: 'Ids of API keys or tokens, `system` or `anonymous`.' }),
  target: listOf((value) => TARGET_PATTERN.test(value), 'must name ids or scopes').openapi({
    type: 'string',
    description: 'Ids of what was acted on; the name for a scope.',
  }),
  outcome: listOf(
    (value) => value === 'success' || value === 'denied' || value === 'failure',
    'must name success, denied or failure',
  ).openapi({ type: 'string', example: 'denied,failure' }),
  ip: z
    .string()
    .refine((text) => parseAddress(text) !== undefined, { error: 'must be an IP address' })
    .optional(),
  request_id: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be a request id')
    .optional(),
  since: instantInput.optional().openapi({ description: 'From this time on.' }),
  until: instantInput.optional().openapi({ description: 'Before this time.' }),
  order: z.enum(['desc', 'asc']).default('desc').openapi({
    description:
      'Newest or oldest first. Oldest first always returns `next_cursor`: asking again with it follows the log, without a gap or a duplicate.',
  }),
  cursor: cursorInput,
  limit: limitInput,
});

const listRoute = defineRoute('listAuditEvents', {
  summary: 'Query the audit log',
  description:
    'Lists may be given with commas and match any of their values. A call sent after a change was answered sees its event.',
  tags: ['Audit log'],
  request: { query },
  responses: { 200: jsonAnswer('A page of events.', pageOf(auditEventBody).openapi('AuditEventPage')) },
});

const getRoute = defineRoute('getAuditEvent', {
  summary: 'Get an audit event',
  tags: ['Audit log'],
  request: { params: z.object({ id: idSchema('evt') }) },
  responses: { 200: jsonAnswer('The event.', auditEventBody) },
});

export function mountAuditLog(api: Api, services: Services): void {
  api.openapi(listRoute, async (c) => {
    const { action, actor, target, outcome, ip, request_id, since, until, order, cursor, limit } = c.req.valid('query');
    const page = await queryEvents(
      services,
      viewerOf(c.get('caller')),
      { actions: action, actors: actor, targets: target, outcomes: outcome, ip, requestId: request_id, since, until },
      { order, limit, cursor },
    );
    return c.json({ data: page.events.map(presentEvent), next_cursor: page.nextCursor }, 200);
  });
  api.openapi(getRoute, async (c) => {
    const event = await getEvent(services.db, viewerOf(c.get('caller')), c.req.valid('param').id as EventId);
    if (event === undefined) throw new ServiceError('not_found');
    return c.json(presentEvent(event), 200);
  });
}

function viewerOf({ principal }: Caller): AuditViewer {
  return { workspaceId: principal.workspaceId, environment: principal.environment };
}

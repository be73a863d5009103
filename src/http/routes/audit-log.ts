import { z } from '@hono/zod-openapi';
import { getEvent, queryEvents } from '../../audit/queries/read.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { EventId } from '../../lib/ids.ts';
import { auditFilterFields, auditFiltersOf, auditSearchField, viewerOf } from '../../web/audit-filters.ts';
import { cursorInput, idSchema, limitInput } from '../../web/fields.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { auditEventBody, presentEvent } from '../audit-event.ts';
import { jsonAnswer, pageOf } from '../schemas.ts';

const query = z.strictObject({
  ...auditFilterFields,
  q: auditSearchField,
  order: z.enum(['desc', 'asc'], 'must be desc or asc').default('desc').openapi({
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
    const { q: words, order, cursor, limit, ...filters } = c.req.valid('query');
    const page = await queryEvents(
      services,
      viewerOf(c.get('caller')),
      { ...auditFiltersOf(filters), words },
      {
        order,
        limit,
        cursor,
      },
    );
    return c.json({ data: page.events.map(presentEvent), next_cursor: page.nextCursor }, 200);
  });
  api.openapi(getRoute, async (c) => {
    const event = await getEvent(services.db, viewerOf(c.get('caller')), c.req.valid('param').id as EventId);
    if (event === undefined) throw new ServiceError('not_found');
    return c.json(presentEvent(event), 200);
  });
}

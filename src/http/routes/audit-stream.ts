import { z } from '@hono/zod-openapi';
import { OPERATIONS } from '../../rights/rights.ts';
import {
  auditFilterFields,
  auditFiltersOf,
  auditSearchField,
  LEAF_POSITION,
  POSITION_PROBLEM,
} from '../../web/audit-filters.ts';
import { FOLLOW_HEADERS, openFollow } from '../../web/audit-follow.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { presentEvent } from '../audit-event.ts';
import { createRecheck } from '../recheck.ts';

const query = z.strictObject({
  ...auditFilterFields,
  q: auditSearchField,
  after: z.string().regex(LEAF_POSITION, POSITION_PROBLEM).optional().openapi({
    description:
      'Begin behind the event with this `leaf_index`; -1 for the beginning of the log. Unless given, with what comes next.',
    example: '41',
  }),
});

const headers = z.object({
  'last-event-id': z
    .string()
    .regex(new RegExp(`${LEAF_POSITION.source}|^$`), POSITION_PROBLEM)
    .optional()
    .openapi({
      description: 'Begin behind this event, as clients ask for it when they reconnect. Goes before `after`.',
    }),
});

const streamRoute = defineRoute('streamAuditEvents', {
  summary: 'Follow the audit log',
  description: `Server-sent events: each \`audit\` has an event as JSON in its data and its \`leaf_index\` as id. With
\`Last-Event-ID\`, or \`after\`, a stream goes on where another ended, without a gap, a duplicate or a change of order.

A heartbeat every 15 seconds moves the id on over events that the filters leave out. When the caller loses its rights, or the
service stops, an event \`end\` says so in its \`reason\` (\`access_ended\`, \`stopping\`, \`unavailable\`); come back with the
last id. A caller may have 20 streams open in each process of the service, a workspace 250.`,
  tags: ['Audit log'],
  request: { query, headers },
  responses: {
    200: { description: 'The stream.', content: { 'text/event-stream': { schema: z.string() } } },
  },
});

export function mountAuditStream(api: Api, services: Services): void {
  api.openapi(streamRoute, async (c) => {
    const { q: words, after, ...filters } = c.req.valid('query');
    const given = c.req.valid('header')['last-event-id'] || after;
    if (c.req.method === 'HEAD') return c.body(null, 200, FOLLOW_HEADERS);
    const stream = await openFollow(services, {
      caller: c.get('caller'),
      requestId: c.get('requestId'),
      filters: { ...auditFiltersOf(filters), words },
      after: given === undefined ? undefined : Number(given),
      recheck: createRecheck(c, services, OPERATIONS.streamAuditEvents),
      isAnswered: () => c.finalized,
      present: presentEvent,
    });
    return c.body(stream, 200, FOLLOW_HEADERS);
  });
}

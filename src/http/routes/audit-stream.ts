import { z } from '@hono/zod-openapi';
import { followLog } from '../../audit/queries/follow.ts';
import { createLogWatch } from '../../audit/queries/follow-watch.ts';
import { ServiceError } from '../../lib/errors.ts';
import { OPERATIONS } from '../../rights/rights.ts';
import { logError, toServiceError } from '../../web/failure.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { auditFilterFields, auditFiltersOf, auditSearchField, viewerOf } from '../audit-filters.ts';
import { createAuditStream } from '../audit-stream.ts';
import { createRecheck } from '../recheck.ts';
import { createStreamPlaces, takerOf } from '../stream-places.ts';

/** A leaf index, or -1 for before the first; as many digits as there can be. */
const POSITION = /^(?:-1|\d{1,15})$/;
const POSITION_PROBLEM = 'must be a leaf index, or -1 for the beginning';

const query = z.strictObject({
  ...auditFilterFields,
  q: auditSearchField,
  after: z.string().regex(POSITION, POSITION_PROBLEM).optional().openapi({
    description:
      'Begin behind the event with this `leaf_index`; -1 for the beginning of the log. Unless given, with what comes next.',
    example: '41',
  }),
});

const headers = z.object({
  'last-event-id': z
    .string()
    .regex(new RegExp(`${POSITION.source}|^$`), POSITION_PROBLEM)
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

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // Tells nginx and its like to hand on each piece as it comes.
  'X-Accel-Buffering': 'no',
};

export function mountAuditStream(api: Api, services: Services): void {
  const { db, clock, stopping, logger } = services;
  const places = createStreamPlaces();
  const watch = createLogWatch(db);

  api.openapi(streamRoute, async (c) => {
    const { q: words, after, ...filters } = c.req.valid('query');
    const given = c.req.valid('header')['last-event-id'] || after;
    const caller = c.get('caller');
    const requestId = c.get('requestId');
    if (c.req.method === 'HEAD') return c.body(null, 200, HEADERS);
    if (stopping.aborted) throw new ServiceError('unavailable', { message: STOPPING_MESSAGE });
    const follower = await followLog(
      { db, watch },
      {
        reader: viewerOf(caller),
        filters: { ...auditFiltersOf(filters), words },
        after: given === undefined ? undefined : Number(given),
      },
    );
    // The deadline has passed meanwhile, and this answer goes to nobody, who would never give the place back.
    if (c.finalized) throw new ServiceError('unavailable');
    const leave = places.take(takerOf(caller.principal));
    const stream = createAuditStream({
      follower,
      clock,
      stopping,
      recheck: createRecheck(c, services, OPERATIONS.streamAuditEvents),
      onFailure: (error) => logError(logger, requestId, toServiceError(error)),
      onEnd: leave,
    });
    return c.body(stream, 200, HEADERS);
  });
}

const STOPPING_MESSAGE = 'This process of the service is about to stop. Retry.';

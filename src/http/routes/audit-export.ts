import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type BegunExport, beginExport } from '../../audit/export/begin.ts';
import { ENCODINGS, nameOfFile } from '../../audit/export/export.ts';
import { EXPORT_FORMATS, type ExportRequest } from '../../audit/export/scope.ts';
import { actorOf } from '../../identity/principal.ts';
import { ServiceError } from '../../lib/errors.ts';
import { OPERATIONS } from '../../rights/rights.ts';
import { logError, toServiceError } from '../../web/failure.ts';
import type { Services } from '../../web/services.ts';
import { type Api, type ApiEnv, defineRoute } from '../api.ts';
import { auditFilterFields, auditFiltersOf, auditSearchField, viewerOf } from '../audit-filters.ts';
import { createExportStream } from '../export-stream.ts';
import { createRecheck } from '../recheck.ts';
import { createStreamPlaces, takerOf } from '../stream-places.ts';

const query = z.strictObject({
  ...auditFilterFields,
  q: auditSearchField,
  format: z.enum(EXPORT_FORMATS, 'must be ndjson, csv or ocsf').default('ndjson').openapi({
    description:
      '`ndjson` can be verified offline. `csv` is for spreadsheets, `ocsf` (1.8, one event a line) for security tools.',
  }),
  previous: z
    .string()
    .regex(/^(0|[1-9]\d{0,14})$/, 'must be the size of a checkpoint: a whole number')
    .transform(Number)
    .optional()
    .openapi({
      type: 'integer',
      description: 'The size of a checkpoint you have: the export proves that it is of the same log.',
    }),
});

const text = z.string();
const headers = z.object({
  'Content-Disposition': z.string().openapi({ description: 'A name for the file.' }),
  'Audit-Log-Range': z.string().openapi({
    description: 'The first leaf index and the one after the last, of which everything that was asked for is here.',
    example: '0 1234',
  }),
  'Audit-Log-Checkpoint': z.string().openapi({ description: 'A checkpoint that covers them, in base64.' }),
  'Audit-Log-Event': z.string().openapi({ description: 'The id of the event `audit_log.exported` of this export.' }),
});

const exportRoute = defineRoute('exportAuditLog', {
  summary: 'Export the audit log',
  description: `All events that the filters name, oldest first, as far as they were in the log when this was asked. The export is
itself an event, which is written first.

\`ndjson\` rebuilds the root that the log's checkpoint signs, also where filters leave events out: \`tooken audit verify\` checks
it without a network. It ends with a line of the type \`manifest\`; the other formats say in headers what they hold. An export
that cannot be finished ends in a cut connection. A caller may have 3 under way in each process of the service, a workspace 25, and begin 60 a minute.`,
  tags: ['Audit log'],
  request: { query },
  responses: {
    200: {
      description: 'The export.',
      headers,
      content: { 'application/x-ndjson': { schema: text }, 'text/csv': { schema: text } },
    },
  },
});

const MOST_UNDER_WAY = { perCaller: 3, inAll: 50, of: 'exports' };

export function mountAuditExport(api: Api, services: Services): void {
  const places = createStreamPlaces(MOST_UNDER_WAY);
  api.openapi(exportRoute, async (c) => {
    const { format, previous, q, ...filters } = c.req.valid('query');
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'Content-Type': ENCODINGS[format].mediaType });
    const { principal, request } = c.get('caller');
    takeTurn(services, principal.workspaceId);
    const leave = places.take(takerOf(principal));
    try {
      const wanted = {
        ...viewerOf({ principal, request }),
        filters: { ...auditFiltersOf(filters), words: q },
        format,
        previous,
      };
      const begun = await beginExport(services, wanted satisfies ExportRequest, { actor: actorOf(principal), request });
      // The deadline has passed meanwhile, and this answer goes to nobody, who would never give the place back.
      if (c.finalized) throw new ServiceError('unavailable');
      return c.body(streamOf(c, services, begun, leave), 200, headersOf(begun));
    } catch (error) {
      leave();
      throw error;
    }
  });
}

/** Whoever may read could make the log grow otherwise, as fast as it can call. */
function takeTurn({ limits }: Services, workspaceId: string): void {
  if (limits.exports.take(workspaceId)) return;
  const { retryAfterSeconds } = limits.exports.standingOf(workspaceId);
  const message = 'This workspace has begun too many exports. Wait as long as Retry-After says, then retry.';
  throw new ServiceError('rate_limited', { message, retryAfterSeconds });
}

function streamOf(c: Context<ApiEnv>, services: Services, begun: BegunExport, leave: () => void) {
  const { logger, stopping } = services;
  const requestId = c.get('requestId');
  const outgoing = c.env?.outgoing;
  return createExportStream({
    pieces: ENCODINGS[begun.format].format(begun),
    recheck: createRecheck(c, services, OPERATIONS.exportAuditLog),
    stopping,
    cutOff: outgoing && (() => outgoing.destroy()),
    onFailure: (error) => logError(logger, requestId, toServiceError(error)),
    onEnd: leave,
  });
}

function headersOf(begun: BegunExport) {
  const { first, end, checkpoint, event_id } = begun.header;
  return {
    'Content-Type': ENCODINGS[begun.format].mediaType,
    'Content-Disposition': `attachment; filename="${nameOfFile(begun)}"`,
    'Audit-Log-Range': `${first} ${end}`,
    'Audit-Log-Checkpoint': Buffer.from(checkpoint, 'utf8').toString('base64'),
    'Audit-Log-Event': event_id,
    // Tells nginx and its like to hand on each piece as it comes.
    'X-Accel-Buffering': 'no',
  };
}

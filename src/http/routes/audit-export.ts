import { z } from '@hono/zod-openapi';
import { ENCODINGS } from '../../audit/export/export.ts';
import { OPERATIONS } from '../../rights/rights.ts';
import { beginDownload } from '../../web/audit-export.ts';
import { auditFilterFields, auditFiltersOf, auditSearchField, exportFields } from '../../web/audit-filters.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { createRecheck } from '../recheck.ts';

const query = z.strictObject({
  ...auditFilterFields,
  q: auditSearchField,
  ...exportFields,
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

export function mountAuditExport(api: Api, services: Services): void {
  api.openapi(exportRoute, async (c) => {
    const { format, previous, q, ...filters } = c.req.valid('query');
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'Content-Type': ENCODINGS[format].mediaType });
    const download = await beginDownload(services, {
      caller: c.get('caller'),
      filters: { ...auditFiltersOf(filters), words: q },
      format,
      previous,
    });
    const stream = download.send({
      requestId: c.get('requestId'),
      outgoing: c.env?.outgoing,
      isAnswered: c.finalized,
      recheck: createRecheck(c, services, OPERATIONS.exportAuditLog),
    });
    return c.body(stream, 200, download.headers);
  });
}

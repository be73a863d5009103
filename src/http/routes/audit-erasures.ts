import { z } from '@hono/zod-openapi';
import { erasePersonalData } from '../../introspection/erasure.ts';
import { erasureInput, subjectOf } from '../../web/erasure-fields.ts';
import { idSchema } from '../../web/fields.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { jsonAnswer, jsonBody } from '../schemas.ts';

const erasureBody = z
  .object({
    events: z.int().openapi({ description: 'Events that show less of it now.' }),
    payloads: z.int().openapi({ description: 'What was erased of those events.' }),
    usage_rows: z.int().openapi({ description: 'Rows of usage that an address was taken out of.' }),
    request_rows: z.int().openapi({ description: 'Calls of the request log that an address was taken out of.' }),
    event_ids: z.array(idSchema('evt')).openapi({ description: 'The events that tell of it: one for each batch.' }),
  })
  .openapi('Erasure');

const eraseRoute = defineRoute('erasePersonalData', {
  summary: 'Erase the personal data of a subject',
  description:
    'Takes names, addresses, user agents and free text of one subject out of the audit log of the workspace, and its addresses ' +
    'out of usage and the request log, for good. The events stay, with `redacted: true`, and every proof stays valid. To ask again is harmless. ' +
    'Operators use `tooken audit erase`.',
  tags: ['Audit log'],
  request: jsonBody(erasureInput.openapi('ErasePersonalData')),
  responses: { 200: jsonAnswer('What was erased.', erasureBody) },
});

export function mountAuditErasures(api: Api, services: Services): void {
  api.openapi(eraseRoute, async (c) => {
    const { subject, reason } = c.req.valid('json');
    const erasure = await erasePersonalData(services, c.get('caller'), { subject: subjectOf(subject), note: reason });
    const { events, payloads, usageRows, requestRows, eventIds } = erasure;
    return c.json(
      { events, payloads, usage_rows: usageRows, request_rows: requestRows, event_ids: [...eventIds] },
      200,
    );
  });
}

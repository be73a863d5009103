import { z } from '@hono/zod-openapi';
import { parseSubject, SUBJECT_IDS, SUBJECT_TYPES } from '../../audit/erasures/subject.ts';
import { erasePersonalData } from '../../introspection/erasure.ts';
import { ServiceError } from '../../lib/errors.ts';
import { descriptionInput, idSchema } from '../../web/fields.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { jsonAnswer, jsonBody } from '../schemas.ts';

const erasureInput = z.strictObject({
  subject: z
    .strictObject({
      type: z.enum(SUBJECT_TYPES),
      id: z.string().openapi({
        description: 'An IP address of a `source`, the name of a `scope`, the id of anything else.',
        example: '192.0.2.1',
      }),
    })
    .openapi({ example: { type: 'source', id: '192.0.2.1' } }),
  reason: descriptionInput
    .optional()
    .openapi({ description: 'Why, for the log; without what is to be forgotten.', example: 'Request of 1 March' }),
});

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
    const { subject: asked, reason } = c.req.valid('json');
    const subject = parseSubject(asked.type, asked.id);
    if (subject === undefined) {
      const message = `must be ${SUBJECT_IDS[asked.type]}`;
      throw new ServiceError('validation_failed', { details: [{ path: 'subject.id', message }] });
    }
    const erasure = await erasePersonalData(services, c.get('caller'), { subject, note: reason });
    const { events, payloads, usageRows, requestRows, eventIds } = erasure;
    return c.json(
      { events, payloads, usage_rows: usageRows, request_rows: requestRows, event_ids: [...eventIds] },
      200,
    );
  });
}

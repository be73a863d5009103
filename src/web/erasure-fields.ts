import { z } from '@hono/zod-openapi';
import { parseSubject, SUBJECT_IDS, SUBJECT_TYPES, type Subject } from '../audit/erasures/subject.ts';
import { ServiceError } from '../lib/errors.ts';
import { descriptionInput } from './fields.ts';

/** What a request to erase personal data says. */
export const erasureInput = z.strictObject({
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

/** @throws ServiceError `validation_failed` if the id is none of its type */
export function subjectOf({ type, id }: z.output<typeof erasureInput>['subject']): Subject {
  const subject = parseSubject(type, id);
  if (subject !== undefined) return subject;
  throw new ServiceError('validation_failed', {
    details: [{ path: 'subject.id', message: `must be ${SUBJECT_IDS[type]}` }],
  });
}

import { z } from '@hono/zod-openapi';
import { type IdPrefix, idPattern } from '../lib/ids.ts';

/** What people and programs may put into fields that many requests have. Limits are those of the API's documentation. */

const EXAMPLE_SUFFIX = '01kav3c4r8e0jbwn7sgm5zkqd2';

export function idSchema(prefix: IdPrefix) {
  return z
    .string()
    .regex(idPattern(prefix), `must be an id that starts with ${prefix}_`)
    .openapi({ example: `${prefix}_${EXAMPLE_SUFFIX}` });
}

/** RFC 3339 with any offset in; instants outside the years 2000 to 9999 are refused. */
export const instantInput = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 time such as 2027-01-31T12:00:00Z' })
  .transform((text) => new Date(text))
  .refine((date) => date.getTime() >= Date.UTC(2000, 0, 1) && date.getTime() < Date.UTC(10_000, 0, 1), {
    error: 'must lie between the years 2000 and 9999',
  })
  .openapi({ type: 'string', format: 'date-time', example: '2027-01-31T12:00:00Z' });

/** The same, or null. Said again because naming the type of the first, a transform, left no trace of the null. */
export const instantOrNullInput = instantInput.nullable().openapi({ type: ['string', 'null'] });

export const nameInput = z.string().trim().min(1, 'must not be empty').max(128, 'must have at most 128 characters');
export const descriptionInput = z.string().max(1024, 'must have at most 1,024 characters');

export const limitInput = z.coerce
  .number('must be a number')
  .int('must be a whole number')
  .min(1, 'must be at least 1')
  .max(200, 'must be at most 200')
  .default(50)
  .openapi({ description: 'How many to return, 1 to 200.' });

export const cursorInput = z
  .string()
  .max(1024, 'must have at most 1,024 characters')
  .optional()
  .openapi({ description: '`next_cursor` of the previous page.' });

import { z } from '@hono/zod-openapi';
import { errorBody, jsonAnswer } from './schemas.ts';

/** What the two operations have in common that set a password by a link. */

export const linkTokenInput = z
  .string()
  .max(128, 'must have at most 128 characters')
  .openapi({ format: 'password', description: 'What is behind the `#` of the link.', example: 'tokl_…' });

export const refusedLinkAnswer = jsonAnswer(
  '`invalid_credentials`, whatever is wrong with the link. Ask for a new one.',
  errorBody,
);

import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from '../identity/passwords/policy.ts';
import { ServiceError } from '../lib/errors.ts';
import type { Services } from '../web/services.ts';
import type { ApiEnv } from './api.ts';
import { countFailure } from './middleware/access.ts';
import { errorBody, jsonAnswer } from './schemas.ts';

/** What the two operations have in common that set a password by a link. */

export const linkTokenInput = z
  .string()
  .max(128, 'must have at most 128 characters')
  .openapi({ format: 'password', description: 'What is behind the `#` of the link.', example: 'tokl_…' });

/** Characters may be two UTF-16 units. */
export const newPasswordInput = z
  .string()
  .max(2 * PASSWORD_MAX_LENGTH, `must have at most ${PASSWORD_MAX_LENGTH} characters`)
  .openapi({
    format: 'password',
    description: `At least ${PASSWORD_MIN_LENGTH} characters, and not one that is guessed first. Several words make a good one.`,
    example: 'correct horse battery staple',
  });

export const refusedLinkAnswer = jsonAnswer(
  '`invalid_credentials`, whatever is wrong with the link. Ask for a new one.',
  errorBody,
);

/** The result of `work`; should that refuse a link, it is counted against where the request came from. */
export async function countingFailures<Result>(
  c: Context<ApiEnv>,
  services: Pick<Services, 'limits'>,
  work: Promise<Result>,
): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'invalid_credentials') countFailure(c, services.limits);
    throw error;
  }
}

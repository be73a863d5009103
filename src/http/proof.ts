import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from '../identity/passwords/policy.ts';
import { ServiceError } from '../lib/errors.ts';
import type { Limits } from '../web/limits.ts';
import type { ApiEnv } from './api.ts';
import { countFailure } from './middleware/access.ts';
import { errorBody, jsonAnswer } from './schemas.ts';

/** What operations have in common by which people prove who they are. */

/** In UTF-16 units, of which a character has one or two. What is longer is nobody's. */
const MAX_TYPED = 2 * PASSWORD_MAX_LENGTH;

export const typedPassword = z
  .string()
  .min(1, 'must not be empty')
  .max(MAX_TYPED, `must have at most ${PASSWORD_MAX_LENGTH.toLocaleString('en')} characters`)
  .openapi({ format: 'password', example: 'four words of your own' });

export const newPasswordInput = typedPassword.openapi({
  description: `${PASSWORD_MIN_LENGTH} to ${PASSWORD_MAX_LENGTH.toLocaleString('en')} characters of any kind; 15 or more are better. Refused if it is
among those that are guessed first, or made of your email address, your name or that of the workspace.`,
});

export const typedCode = z
  .string()
  .min(1, 'must not be empty')
  .max(64, 'must have at most 64 characters')
  .openapi({ description: 'Six digits of the authenticator app, or a recovery code.', example: '492039' });

export const wrong = jsonAnswer('`invalid_credentials`, whatever was wrong.', errorBody);
export const locked = jsonAnswer(
  '`account_locked`: five failures in a row lock for 15 minutes.',
  errorBody.extend({ retry_after_seconds: z.int().openapi({ example: 840 }) }).openapi('AccountLocked'),
);

/** What is tried without success counts against where it came from: beyond the limit that, and nothing else, is 429. */
export async function slowFailures<Result>(
  c: Context<ApiEnv>,
  { limits }: { readonly limits: Limits },
  work: Promise<Result>,
): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const isFailure =
      error instanceof ServiceError && (error.code === 'invalid_credentials' || error.code === 'account_locked');
    if (isFailure) countFailure(c, limits);
    throw error;
  }
}

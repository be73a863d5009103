import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { ServiceError } from '../lib/errors.ts';
import type { Limits } from '../web/limits.ts';
import type { ApiEnv } from './api.ts';
import { countFailure } from './middleware/access.ts';
import { errorBody, jsonAnswer } from './schemas.ts';

/** What operations have in common by which people prove who they are. */

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

import { z } from '@hono/zod-openapi';
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from '../identity/passwords/policy.ts';

/** Fields by which people prove who they are. */

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

export const changePasswordFields = z.strictObject({
  current_password: typedPassword,
  new_password: newPasswordInput,
});

/** For what takes the password, whatever else has been proved. */
export const passwordFields = z.strictObject({ password: typedPassword });

export const codeFields = z.strictObject({ code: typedCode });

/** For what takes both factors. */
export const bothFactorsFields = z.strictObject({ password: typedPassword, code: typedCode });

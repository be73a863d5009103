import { z } from '@hono/zod-openapi';
import { emailInput } from './member-fields.ts';
import { typedPassword } from './proof-fields.ts';

/** What people say of themselves who have not signed in yet. */

const workspaceInput = z
  .string()
  .min(1, 'must not be empty')
  .max(128, 'must have at most 128 characters')
  .optional()
  .openapi({ description: 'Its id or name; needed where the installation has several.', example: 'acme' });

export const loginFields = z.strictObject({
  email: z.string().min(1, 'must not be empty').max(254, 'must have at most 254 characters').openapi({
    example: 'ada@example.com',
  }),
  password: typedPassword,
  workspace: workspaceInput,
});

export const forgottenFields = z.strictObject({ email: emailInput, workspace: workspaceInput });

export const linkTokenInput = z
  .string()
  .max(128, 'must have at most 128 characters')
  .openapi({ format: 'password', description: 'What is behind the `#` of the link.', example: 'tokl_…' });

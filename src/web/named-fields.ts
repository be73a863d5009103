import { z } from '@hono/zod-openapi';
import { cursorInput, descriptionInput, limitInput } from './fields.ts';
import { scopesInput } from './token-fields.ts';

/** Fields of requests about roles, groups and projects. */

const SLUG_PATTERN = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Names that services read. */
const slugInput = z
  .string()
  .regex(
    SLUG_PATTERN,
    'must be 1 to 64 lower-case letters, digits, dots, hyphens and underscores, of which the first is a letter or digit',
  )
  .openapi({ example: 'billing' });

export const newDescription = descriptionInput.nullable().default(null);
export const changedDescription = descriptionInput.nullable().optional();

export const namedListQuery = z.strictObject({
  name: z.string().min(1).max(128).optional().openapi({ description: 'A part of the name, in any case.' }),
  limit: limitInput,
  cursor: cursorInput,
});

const roleScopes = scopesInput
  .min(1, 'must name at least one scope')
  .openapi({ description: 'What the role grants.', example: ['invoices:write', 'payments:read'] });

export const newRole = z.strictObject({ name: slugInput, description: newDescription, scopes: roleScopes });
export const changedRole = z.strictObject({
  name: slugInput.optional(),
  description: changedDescription,
  scopes: roleScopes.optional(),
});

export const newGroup = z.strictObject({ name: slugInput, description: newDescription });
export const changedGroup = z.strictObject({ name: slugInput.optional(), description: changedDescription });

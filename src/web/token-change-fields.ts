import { z } from '@hono/zod-openapi';
import type { ProjectId, RoleId } from '../lib/ids.ts';
import type { UpdateInput } from '../tokens/update.ts';
import { descriptionInput, idSchema, instantOrNullInput, nameInput } from './fields.ts';
import { cidrsInput, expiresInInput, metadataInput, projectInput, roleInput, scopesInput } from './token-fields.ts';

/** What requests say that change a token. */

const reasonInput = z.string().max(1024, 'must have at most 1,024 characters').nullable().default(null);

export const updateFields = z.strictObject({
  name: nameInput.optional(),
  description: descriptionInput.nullable().optional(),
  scopes: scopesInput.optional(),
  role: roleInput.optional(),
  project_id: projectInput.optional(),
  metadata: metadataInput.optional(),
  allowed_cidrs: cidrsInput.optional(),
  expires_at: instantOrNullInput.optional().openapi({
    description: 'Can be brought forward, never pushed back; a token without expiry can get one.',
  }),
});

/** The same in the words of the service. */
export function updateInputOf(fields: z.output<typeof updateFields>): UpdateInput {
  const { name, description, scopes, role, project_id, metadata, allowed_cidrs, expires_at } = fields;
  return {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(scopes !== undefined && { scopes }),
    ...(role !== undefined && { roleId: role as RoleId | null }),
    ...(project_id !== undefined && { projectId: project_id as ProjectId | null }),
    ...(metadata !== undefined && { metadata }),
    ...(allowed_cidrs !== undefined && { allowedCidrs: allowed_cidrs }),
    ...(expires_at !== undefined && { expiresAt: expires_at }),
  };
}

/** How long two secrets of one token may overlap. */
export const MAX_GRACE_SECONDS = 604_800;

export const rotateFields = z.strictObject({
  grace_seconds: z
    .int('must be a whole number of seconds')
    .min(0, 'must be at least 0')
    .max(MAX_GRACE_SECONDS, 'must be at most 604,800, which is 7 days')
    .default(0)
    .openapi({ description: 'How long the secret that is replaced goes on working.', example: 3600 }),
  expires_at: instantOrNullInput
    .openapi({ description: 'Null is never.' })
    .optional()
    .openapi({ description: 'A new expiry, earlier or later; absent keeps the present one.' }),
  expires_in: expiresInInput.optional(),
});

export const revokeFields = z.strictObject({
  reason: reasonInput,
  with_issued: z
    .boolean()
    .default(false)
    .openapi({ description: 'Revoke also what the token issued, what that issued, and so on.' }),
});

export const reassignFields = z.strictObject({
  owner: idSchema('usr').nullable().openapi({ description: 'The new owner; null for a token of the workspace.' }),
  reason: reasonInput,
});

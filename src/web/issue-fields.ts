import { z } from '@hono/zod-openapi';
import type { MemberId, ProjectId, RoleId } from '../lib/ids.ts';
import type { IssueInput } from '../tokens/issue.ts';
import { descriptionInput, idSchema, instantOrNullInput, nameInput } from './fields.ts';
import {
  audienceInput,
  cidrsInput,
  expiresInInput,
  metadataInput,
  projectInput,
  roleInput,
  scopesInput,
} from './token-fields.ts';

/** What is said of a token when it is issued. */
export const issueFields = z.strictObject({
  name: nameInput.openapi({ example: 'billing export' }),
  description: descriptionInput.nullable().default(null),
  scopes: scopesInput.default([]),
  role: roleInput.default(null),
  owner: idSchema('usr').nullable().default(null).openapi({
    description:
      'The member that the token belongs to, whose roles are the most that it can do. Absent or null: nobody; but what members without further access issue is theirs, and what a token issues belongs to whom that token belongs to.',
  }),
  project_id: projectInput.default(null),
  expires_at: instantOrNullInput.openapi({ description: 'Null is never.' }).optional(),
  expires_in: expiresInInput.optional(),
  not_before: instantOrNullInput.default(null),
  audience: audienceInput.default(null),
  metadata: metadataInput.default({}),
  allowed_cidrs: cidrsInput.default(null),
});

/** The same in the words of the service. */
export function issueInputOf(fields: z.output<typeof issueFields>): IssueInput {
  const { expires_at, expires_in, not_before, allowed_cidrs, role, owner, project_id, ...rest } = fields;
  return {
    ...rest,
    ...(expires_at !== undefined && { expiresAt: expires_at }),
    ...(expires_in !== undefined && { expiresInSeconds: expires_in }),
    roleId: role as RoleId | null,
    ownerId: owner as MemberId | null,
    projectId: project_id as ProjectId | null,
    notBefore: not_before,
    allowedCidrs: allowed_cidrs,
  };
}

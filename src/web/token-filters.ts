import { z } from '@hono/zod-openapi';
import { ENVIRONMENTS } from '../credentials/format.ts';
import { SCOPE_PATTERN } from '../identity/scopes.ts';
import { idPattern, type MemberId, type ProjectId, type RoleId } from '../lib/ids.ts';
import type { ListInput } from '../tokens/list.ts';
import { TOKEN_STATUSES, type TokenStatus } from '../tokens/token.ts';
import { cursorInput, idSchema, instantInput, limitInput } from './fields.ts';

const statusList = z
  .string()
  .transform((text) => [...new Set(text.split(','))].sort())
  .pipe(z.array(z.enum(TOKEN_STATUSES, `must name ${TOKEN_STATUSES.join(', ')}`)))
  .transform((statuses): readonly TokenStatus[] => statuses)
  .openapi({ type: 'string', example: 'active,not_yet_valid' });

const CREATORS = ['key', 'tkn', 'usr'] as const;

const creator = z
  .string()
  .refine((text) => text === 'system' || CREATORS.some((prefix) => idPattern(prefix).test(text)), {
    error: 'must be the id of an API key, token or member, or system',
  });

/** What a list of tokens can be narrowed down to, as it is asked for. */
export const tokenFilters = z.strictObject({
  name: z
    .string()
    .min(1, 'must not be empty')
    .max(128, 'must have at most 128 characters')
    .optional()
    .openapi({ description: 'A part of the name, in any case.' }),
  status: statusList.optional(),
  scope: z
    .string()
    .regex(SCOPE_PATTERN, 'must have the form resource:action')
    .optional()
    .openapi({ description: 'Tokens that can do this, implied reads included.' }),
  role: idSchema('role').optional(),
  owner: idSchema('usr').optional(),
  project_id: idSchema('prj').optional(),
  environment: z
    .enum(ENVIRONMENTS)
    .optional()
    .openapi({ description: 'That of the credential, or of the request; any other is refused.' }),
  created_by: creator.optional(),
  expires_before: instantInput.optional(),
  unused_since: instantInput.optional().openapi({ description: 'Neither used nor issued since then.' }),
  limit: limitInput,
  cursor: cursorInput,
});

/** The same in the words of the service. */
export function listInputOf(query: Omit<z.output<typeof tokenFilters>, 'environment'>): ListInput {
  const { limit, name, status, scope, role, owner, project_id, created_by, expires_before, unused_since, cursor } =
    query;
  return {
    limit,
    ...(name !== undefined && { name }),
    ...(status !== undefined && { statuses: status }),
    ...(scope !== undefined && { scope }),
    ...(role !== undefined && { roleId: role as RoleId }),
    ...(owner !== undefined && { ownerId: owner as MemberId }),
    ...(project_id !== undefined && { projectId: project_id as ProjectId }),
    ...(created_by !== undefined && { createdBy: created_by }),
    ...(expires_before !== undefined && { expiresBefore: expires_before }),
    ...(unused_since !== undefined && { unusedSince: unused_since }),
    ...(cursor !== undefined && { cursor }),
  };
}

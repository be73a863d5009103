import { z } from '@hono/zod-openapi';
import { ENVIRONMENTS } from '../credentials/format.ts';
import {
  effectiveScopesOfToken,
  type PreviousSecretUse,
  statusOf,
  TOKEN_STATUSES,
  type Token,
} from '../tokens/token.ts';
import { idSchema } from '../web/fields.ts';
import { instantOutput } from './schemas.ts';

const principalId = z.string().openapi({ description: 'Id of an API key, token or member, or `system`.' });

const previousUseBody = z.object({
  introspector_id: z.string().nullable().openapi({
    description: 'The API key, token or member that was shown the secret; null when it was used to call Tooken itself.',
    example: 'key_01kav3c4r8e0jbwn7sgm5zkqd2',
  }),
  source: z
    .string()
    .nullable()
    .openapi({ description: 'Where its holder came from; null if unknown.', example: '192.0.2.7' }),
  last_used_at: instantOutput,
  count: z.int().openapi({ description: 'Counted in whole hours, the first of which may begin before the rotation.' }),
});

const roleBody = z.object({ id: idSchema('role'), name: z.string().openapi({ example: 'bookkeeper' }) });

const ownerBody = z.object({
  id: idSchema('usr'),
  name: z.string().openapi({ example: 'Ada Lovelace' }),
  removed: z.boolean().openapi({ description: 'Whether that member was removed, which ends what the token can do.' }),
});

export const tokenBody = z
  .object({
    id: idSchema('tkn'),
    name: z.string().openapi({ example: 'billing export' }),
    description: z.string().nullable().openapi({ example: 'Nightly export to the data warehouse' }),
    environment: z.enum(ENVIRONMENTS),
    hint: z.string().openapi({ description: 'The secret, masked.', example: 'tkn_live_4fXk…9aB2' }),
    status: z.enum(TOKEN_STATUSES).openapi({
      description:
        'What time and revocation have made of it. A token whose owner was removed keeps its status and is inactive all the same: `owner.removed` says so, and an admin can reassign it.',
    }),
    scopes: z
      .array(z.string())
      .openapi({ description: 'As granted to the token itself.', example: ['invoices:write'] }),
    role: roleBody.nullable().openapi({ description: 'What it carries beside them.' }),
    effective_scopes: z.array(z.string()).openapi({
      description:
        'What it can do now: its scopes and those of its role, with every implied `read`, as far as the roles of its owner go. Empty once the owner is removed.',
      example: ['invoices:read', 'invoices:write', 'payments:read'],
    }),
    owner: ownerBody
      .nullable()
      .openapi({ description: 'The member it belongs to; null for a token of the workspace.' }),
    project_id: idSchema('prj').nullable(),
    audience: z.string().nullable().openapi({ example: 'https://api.example.com' }),
    metadata: z.record(z.string(), z.unknown()).openapi({ example: { team: 'billing' } }),
    allowed_cidrs: z
      .array(z.string())
      .nullable()
      .openapi({ example: ['192.0.2.0/24'] }),
    not_before: instantOutput.nullable(),
    expires_at: instantOutput.nullable(),
    created_at: instantOutput,
    created_by: principalId.openapi({ example: 'key_01kav3c4r8e0jbwn7sgm5zkqd2' }),
    last_used_at: instantOutput.nullable(),
    last_used_from: z.string().nullable().openapi({ example: '192.0.2.7' }),
    rotated_at: instantOutput.nullable(),
    previous_secret_valid_until: instantOutput
      .nullable()
      .openapi({ description: 'Until then the secret before the last rotation opens the token as well.' }),
    previous_secret_used_by: z.array(previousUseBody).openapi({
      description:
        'While that lasts: who has used the previous secret since the rotation, the latest 20, newest first. When it stays empty, the rotation can be finished.',
    }),
    revoked_at: instantOutput.nullable(),
    revoked_by: principalId.nullable(),
    revoke_reason: z.string().nullable(),
  })
  .openapi('Token');

export type TokenBody = z.output<typeof tokenBody>;

/** A token as the API shows it at `now`. */
export function presentToken(token: Token, now: Date): TokenBody {
  const { previousSecretValidUntil: overlapEnd } = token;
  const isOverlapping = overlapEnd !== null && overlapEnd > now;
  return {
    id: token.id,
    name: token.name,
    description: token.description,
    environment: token.environment,
    hint: token.hint,
    status: statusOf(token, now),
    scopes: [...token.scopes],
    role: token.role && { id: token.role.id, name: token.role.name },
    effective_scopes: effectiveScopesOfToken(token),
    owner: token.owner && { id: token.owner.id, name: token.owner.name, removed: token.owner.isRemoved },
    project_id: token.projectId,
    audience: token.audience,
    metadata: token.metadata,
    allowed_cidrs: token.allowedCidrs && [...token.allowedCidrs],
    not_before: present(token.notBefore),
    expires_at: present(token.expiresAt),
    created_at: token.createdAt.toISOString(),
    created_by: token.createdBy,
    last_used_at: present(token.lastUsedAt),
    last_used_from: token.lastUsedFrom,
    rotated_at: present(token.rotatedAt),
    previous_secret_valid_until: isOverlapping ? overlapEnd.toISOString() : null,
    previous_secret_used_by: isOverlapping ? token.previousSecretUses.map(presentUse) : [],
    revoked_at: present(token.revokedAt),
    revoked_by: token.revokedBy,
    revoke_reason: token.revokeReason,
  };
}

function presentUse({ introspectorId, source, lastUsedAt, count }: PreviousSecretUse) {
  return { introspector_id: introspectorId, source, last_used_at: lastUsedAt.toISOString(), count };
}

function present(instant: Date | null): string | null {
  return instant?.toISOString() ?? null;
}

import { z } from '@hono/zod-openapi';
import { ENVIRONMENTS } from '../credentials/format.ts';
import { effectiveScopes } from '../tokens/scopes.ts';
import { statusOf, TOKEN_STATUSES, type Token } from '../tokens/token.ts';
import { idSchema, instantOutput } from './schemas.ts';

const principalId = z.string().openapi({ description: 'Id of an API key or token, or `system`.' });

export const tokenBody = z
  .object({
    id: idSchema('tkn'),
    name: z.string().openapi({ example: 'billing export' }),
    description: z.string().nullable().openapi({ example: 'Nightly export to the data warehouse' }),
    environment: z.enum(ENVIRONMENTS),
    hint: z.string().openapi({ description: 'The secret, masked.', example: 'tkn_live_4fXk…9aB2' }),
    status: z.enum(TOKEN_STATUSES),
    scopes: z.array(z.string()).openapi({ description: 'As granted.', example: ['invoices:write'] }),
    effective_scopes: z
      .array(z.string())
      .openapi({ description: 'With every implied `read`.', example: ['invoices:read', 'invoices:write'] }),
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
    revoked_at: instantOutput.nullable(),
    revoked_by: principalId.nullable(),
    revoke_reason: z.string().nullable(),
  })
  .openapi('Token');

export type TokenBody = z.output<typeof tokenBody>;

/** A token as the API shows it at `now`. */
export function presentToken(token: Token, now: Date): TokenBody {
  const { previousSecretValidUntil: overlapEnd } = token;
  return {
    id: token.id,
    name: token.name,
    description: token.description,
    environment: token.environment,
    hint: token.hint,
    status: statusOf(token, now),
    scopes: [...token.scopes],
    effective_scopes: effectiveScopes(token.scopes),
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
    previous_secret_valid_until: overlapEnd !== null && overlapEnd > now ? overlapEnd.toISOString() : null,
    revoked_at: present(token.revokedAt),
    revoked_by: token.revokedBy,
    revoke_reason: token.revokeReason,
  };
}

function present(instant: Date | null): string | null {
  return instant?.toISOString() ?? null;
}

import { z } from '@hono/zod-openapi';
import { ENVIRONMENTS } from '../../credentials/format.ts';
import { ACCESS_LEVELS } from '../../identity/access-level.ts';
import type { Principal } from '../../identity/principal.ts';
import { type Api, defineRoute } from '../api.ts';
import { idSchema, instantOutput, jsonAnswer } from '../schemas.ts';

const whoamiBody = z
  .object({
    kind: z.enum(['api_key', 'token', 'member', 'system']),
    id: z.union([idSchema('key'), idSchema('tkn'), idSchema('usr')]).nullable(),
    access: z
      .enum(ACCESS_LEVELS)
      .nullable()
      .openapi({ description: 'What a member may do; null for credentials of the workspace.' }),
    name: z.string().nullable(),
    workspace: idSchema('ws'),
    environment: z.enum(ENVIRONMENTS),
    scopes: z.array(z.string()).nullable().openapi({
      description: 'Effective scopes of a token; of a member those that its roles grant; null for an API key.',
    }),
    expires_at: instantOutput.nullable(),
  })
  .openapi('Whoami');

const route = defineRoute('whoami', {
  summary: 'Who the credential belongs to',
  tags: ['Account'],
  responses: { 200: jsonAnswer('The caller.', whoamiBody) },
});

export function mountWhoami(api: Api): void {
  api.openapi(route, (c) => c.json(describePrincipal(c.get('caller').principal), 200));
}

function describePrincipal(principal: Principal): z.output<typeof whoamiBody> {
  const { kind, workspaceId: workspace, environment } = principal;
  if (principal.kind === 'system') {
    return { kind, id: null, name: null, access: null, workspace, environment, scopes: null, expires_at: null };
  }
  return {
    kind,
    id: principal.id,
    name: principal.name,
    workspace,
    environment,
    access: principal.kind === 'member' ? principal.access : null,
    scopes: principal.kind === 'api_key' ? null : [...principal.scopes],
    expires_at: principal.kind === 'member' ? null : (principal.expiresAt?.toISOString() ?? null),
  };
}

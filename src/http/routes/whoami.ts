import { z } from '@hono/zod-openapi';
import { ENVIRONMENTS } from '../../credentials/format.ts';
import { ACCESS_LEVELS } from '../../identity/access-level.ts';
import type { Principal } from '../../identity/principal.ts';
import { idSchema } from '../../web/fields.ts';
import { type Api, defineRoute } from '../api.ts';
import { instantOutput, jsonAnswer } from '../schemas.ts';

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
    session: idSchema('ses').nullable().openapi({ description: 'The session that a member has signed in to.' }),
    authenticated_at: instantOutput.nullable().openapi({
      description:
        'When a member last proved who it is, at sign-in or by stepping up; some calls want that to be recent.',
    }),
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
  const nothing = { access: null, scopes: null, expires_at: null, session: null, authenticated_at: null };
  const caller = { kind, ...nameOf(principal), workspace, environment, ...nothing };
  switch (principal.kind) {
    case 'api_key':
      return { ...caller, expires_at: presentExpiry(principal) };
    case 'token':
      return { ...caller, scopes: [...principal.scopes], expires_at: presentExpiry(principal) };
    case 'member':
      return {
        ...caller,
        access: principal.access,
        scopes: [...principal.scopes],
        session: principal.sessionId,
        authenticated_at: principal.authenticatedAt.toISOString(),
      };
    case 'system':
      return caller;
  }
}

function nameOf(principal: Principal) {
  return principal.kind === 'system' ? { id: null, name: null } : { id: principal.id, name: principal.name };
}

function presentExpiry({ expiresAt }: { readonly expiresAt: Date | null }): string | null {
  return expiresAt?.toISOString() ?? null;
}

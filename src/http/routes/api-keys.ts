import { z } from '@hono/zod-openapi';
import { ENVIRONMENTS } from '../../credentials/format.ts';
import { type ApiKey, statusOf } from '../../keys/api-key.ts';
import { createApiKey } from '../../keys/create.ts';
import { deleteApiKey } from '../../keys/delete.ts';
import { getApiKey, listApiKeys } from '../../keys/list.ts';
import { regenerateApiKey, repeatRegeneration } from '../../keys/regenerate.ts';
import { ServiceError } from '../../lib/errors.ts';
import { type ApiKeyId, idFromUuid, idToUuid } from '../../lib/ids.ts';
import { resolveExpiry } from '../../tokens/lifetime.ts';
import { cursorInput, idSchema, limitInput } from '../../web/fields.ts';
import { createApiKeyBody } from '../../web/key-fields.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { effectiveBody, presentEffective } from '../effective.ts';
import { idempotencyHeaders } from '../etag.ts';
import { answerOnce } from '../idempotency.ts';
import { instantOutput, jsonAnswer, jsonBody, pageOf } from '../schemas.ts';

const tags = ['API keys'];
const params = z.object({ id: idSchema('key') });

const apiKeyBody = z
  .object({
    id: idSchema('key'),
    name: z.string().openapi({ example: 'billing backend' }),
    environment: z.enum(ENVIRONMENTS),
    hint: z.string().openapi({ description: 'The value, masked.', example: 'tok_live_4fXk…9aB2' }),
    status: z.enum(['active', 'expired']),
    allowed_cidrs: z
      .array(z.string())
      .nullable()
      .openapi({ example: ['192.0.2.0/24'] }),
    expires_at: instantOutput.nullable(),
    created_at: instantOutput,
    created_by: z.string().openapi({
      description: 'Id of the member who made it, or `system`.',
      example: 'usr_01kav3c4r8e0jbwn7sgm5zkqd2',
    }),
    regenerated_at: instantOutput.nullable(),
    last_used_at: instantOutput.nullable(),
    last_used_from: z.string().nullable().openapi({ example: '192.0.2.7' }),
  })
  .openapi('ApiKey');

const secret = z.string().openapi({
  format: 'password',
  description: 'The API key itself. It is shown here and never again.',
  example: 'tok_live_…',
});

const listRoute = defineRoute('listApiKeys', {
  summary: 'List API keys',
  description: 'Newest first, of both environments unless you name one.',
  tags,
  request: {
    query: z.strictObject({ environment: z.enum(ENVIRONMENTS).optional(), limit: limitInput, cursor: cursorInput }),
  },
  responses: { 200: jsonAnswer('A page of API keys.', pageOf(apiKeyBody).openapi('ApiKeyPage')) },
});

const getRoute = defineRoute('getApiKey', {
  summary: 'Get an API key',
  tags,
  request: { params },
  responses: { 200: jsonAnswer('The API key, without its value.', apiKeyBody) },
});

const createRoute = defineRoute('createApiKey', {
  summary: 'Create an API key',
  description:
    'The value is in this answer and nowhere else. It opens everything of its environment but API keys and members.',
  tags,
  request: { headers: idempotencyHeaders, ...jsonBody(createApiKeyBody.openapi('CreateApiKey')) },
  responses: {
    201: jsonAnswer('The API key and its value.', z.object({ api_key: apiKeyBody, secret }).openapi('CreatedApiKey')),
  },
});

const regenerateRoute = defineRoute('regenerateApiKey', {
  summary: 'Regenerate an API key',
  description:
    'A new value under the same id and name. No process of the service accepts the old one by the time this answers.',
  tags,
  request: { params, headers: idempotencyHeaders },
  responses: {
    200: jsonAnswer(
      'The API key and its new value.',
      z.object({ api_key: apiKeyBody, secret, effective: effectiveBody }).openapi('RegeneratedApiKey'),
    ),
  },
});

const deleteRoute = defineRoute('deleteApiKey', {
  summary: 'Delete an API key',
  description: 'No process of the service accepts it by the time this answers. The tokens that it issued live on.',
  tags,
  request: { params },
  responses: {
    200: jsonAnswer(
      'The API key as it was.',
      z
        .object({
          api_key: apiKeyBody,
          live_token_count: z.int().nullable().openapi({
            description: 'How many tokens that it issued live on; null if they could not be counted.',
          }),
          effective: effectiveBody,
        })
        .openapi('DeletedApiKey'),
    ),
  },
});

export function mountApiKeys(api: Api, services: Services): void {
  mountReads(api, services);
  mountSecrets(api, services);
  const { clock } = services;

  api.openapi(deleteRoute, async (c) => {
    const id = c.req.valid('param').id as ApiKeyId;
    const { apiKey, liveTokenCount, effective } = await deleteApiKey(services, c.get('caller'), id);
    const body = { api_key: presentApiKey(apiKey, clock.now()), live_token_count: liveTokenCount };
    return c.json({ ...body, effective: presentEffective(effective) }, 200);
  });
}

function mountReads(api: Api, services: Services): void {
  const { clock } = services;

  api.openapi(listRoute, async (c) => {
    const { workspaceId } = c.get('caller').principal;
    const { items, nextCursor } = await listApiKeys(services, workspaceId, c.req.valid('query'));
    const now = clock.now();
    return c.json({ data: items.map((apiKey) => presentApiKey(apiKey, now)), next_cursor: nextCursor }, 200);
  });

  api.openapi(getRoute, async (c) => {
    const { workspaceId } = c.get('caller').principal;
    const apiKey = await getApiKey(services, workspaceId, c.req.valid('param').id as ApiKeyId);
    return c.json(presentApiKey(apiKey, clock.now()), 200);
  });
}

/** The two operations whose answer holds a value. */
function mountSecrets(api: Api, services: Services): void {
  const { clock } = services;

  api.openapi(createRoute, (c) => {
    const caller = c.get('caller');
    const { name, environment, expires_at, expires_in, allowed_cidrs: allowedCidrs } = c.req.valid('json');
    const expiry = {
      ...(expires_at !== undefined && { expiresAt: expires_at }),
      ...(expires_in !== undefined && { expiresInSeconds: expires_in }),
    };
    const expiresAt = resolveExpiry(expiry, clock.now());
    const input = { name, environment, expiresAt, allowedCidrs };
    return answerOnce(c, services, {
      status: 201,
      perform: async (once) => ({ made: await createApiKey(services, caller, input, once), fresh: {} }),
      present: ({ apiKey, secret }) => ({ body: { api_key: presentApiKey(apiKey, clock.now()), secret } }),
      subjectOf: ({ apiKey }) => idToUuid(apiKey.id),
      repeat: async (uuid) => {
        await getApiKey(services, caller.principal.workspaceId, apiKeyIdOf(uuid));
        return {};
      },
    });
  });

  api.openapi(regenerateRoute, (c) => {
    const caller = c.get('caller');
    const id = c.req.valid('param').id as ApiKeyId;
    return answerOnce(c, services, {
      status: 200,
      perform: async (once) => {
        const { effective, ...made } = await regenerateApiKey(services, caller, id, once);
        return { made, fresh: { effective: presentEffective(effective) } };
      },
      present: ({ apiKey, secret }) => ({ body: { api_key: presentApiKey(apiKey, clock.now()), secret } }),
      subjectOf: ({ apiKey }) => idToUuid(apiKey.id),
      repeat: async () => ({ effective: presentEffective(await repeatRegeneration(services, caller, id)) }),
    });
  });
}

function presentApiKey(apiKey: ApiKey, now: Date): z.output<typeof apiKeyBody> {
  return {
    id: apiKey.id,
    name: apiKey.name,
    environment: apiKey.environment,
    hint: apiKey.hint,
    status: statusOf(apiKey, now),
    allowed_cidrs: apiKey.allowedCidrs && [...apiKey.allowedCidrs],
    expires_at: apiKey.expiresAt?.toISOString() ?? null,
    created_at: apiKey.createdAt.toISOString(),
    created_by: apiKey.createdBy,
    regenerated_at: apiKey.regeneratedAt?.toISOString() ?? null,
    last_used_at: apiKey.lastUsedAt?.toISOString() ?? null,
    last_used_from: apiKey.lastUsedFrom,
  };
}

function apiKeyIdOf(uuid: string | null): ApiKeyId {
  if (uuid === null) throw new ServiceError('not_found');
  return idFromUuid('key', uuid);
}

import type { Context } from 'hono';
import { userAgentOf } from '../../audit/events/event.ts';
import type { Principal } from '../../identity/principal.ts';
import type { Answer } from '../../introspection/answers.ts';
import type { EndpointRequest } from '../../introspection/endpoint.ts';
import { introspect } from '../../introspection/introspect.ts';
import { introspectBatch } from '../../introspection/introspect-batch.ts';
import { serverMetadata } from '../../introspection/metadata.ts';
import { revokeByValue } from '../../introspection/revoke-by-value.ts';
import { OAUTH_OPERATIONS } from '../../rights/rights.ts';
import { readBody } from '../../web/body.ts';
import type { Services } from '../../web/services.ts';
import type { Api, ApiEnv } from '../api.ts';
import { describeOauth } from './oauth-schemas.ts';

/**
 * The OAuth endpoints. They take any method, so that one place answers for all of them, and nothing reads a body before
 * they do. Mount them before `/v1/tokens/{id}`, which would take `introspect` for an id.
 */
export function mountOauth(api: Api, services: Services): void {
  describeOauth(api);
  for (const [path, endpoint] of [
    [OAUTH_OPERATIONS.introspect.path, introspect],
    [OAUTH_OPERATIONS.introspectBatch.path, introspectBatch],
  ] as const) {
    api.all(path, async (c) => toResponse(await endpoint(services, await toRequest(c, path))));
  }
  const revocationPath = OAUTH_OPERATIONS.revokeByValue.path;
  api.all(revocationPath, async (c) => {
    const request = await toRequest(c, revocationPath);
    // Introspections are counted as usage; to revoke is to manage, and who does that is known to the request log.
    const onCaller = (principal: Principal) => c.set('caller', { principal, request: request.origin });
    return toResponse(await revokeByValue(services, { ...request, onCaller }));
  });
  api.get('/.well-known/oauth-authorization-server', (c) => c.json(serverMetadata(services.config.publicUrl)));
}

async function toRequest(c: Context<ApiEnv>, route: string): Promise<EndpointRequest> {
  return {
    authorization: c.req.header('authorization'),
    apiKeyHeader: c.req.header('x-api-key'),
    environmentHeader: c.req.header('tooken-environment'),
    contentType: c.req.header('content-type'),
    body: await readBody(c),
    origin: {
      id: c.get('requestId'),
      method: c.req.method,
      route,
      ip: c.get('address'),
      userAgent: userAgentOf(c.req.header('user-agent')),
    },
  };
}

function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers: [...headers] });
}

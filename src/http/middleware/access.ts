import type { Context, MiddlewareHandler } from 'hono';
import { type RequestOrigin, userAgentOf } from '../../audit/event.ts';
import { type Authentication, authenticate } from '../../introspection/authenticate.ts';
import type { PresentedCredentials } from '../../introspection/presented.ts';
import type { DecisionDeps } from '../../introspection/turn.ts';
import type { Usage } from '../../introspection/usage/usage.ts';
import { sourceOf } from '../../lib/addresses.ts';
import { ServiceError } from '../../lib/errors.ts';
import { decideAccess, type OperationAccess } from '../access.ts';
import type { ApiEnv } from '../api.ts';
import type { Limits } from '../limits.ts';
import type { Refusals } from '../refusals.ts';

export interface AccessDeps {
  readonly authentication: DecisionDeps;
  readonly limits: Limits;
  readonly refusals: Refusals;
  readonly usage: Usage;
}

/** Authenticates, then authorises against the operation's row of the table, then counts. In that order. */
export function requireAccess(deps: AccessDeps, access: OperationAccess): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const request = originOf(c, access);
    const authentication = await authenticate(deps.authentication, credentialsOf(c));
    if (authentication.outcome !== 'authenticated') return refuse(c, deps, authentication, request);
    const { principal } = authentication;
    c.set('caller', { principal, request });
    const decision = decideAccess(access, principal);
    if (!decision.allowed) {
      const { code } = decision;
      if (code === 'forbidden') throw new ServiceError(code, { message: decision.message });
      const message = `This call needs the scope ${decision.scope}. Issue a token that has it.`;
      throw new ServiceError(code, { message, scope: decision.scope });
    }
    deps.usage.called(principal, c.get('address'));
    const isWithinLimit = deps.limits.requests.take(principal.id);
    const { headers, retryAfterSeconds } = deps.limits.requests.standingOf(principal.id);
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
    if (!isWithinLimit) throw new ServiceError('rate_limited', { retryAfterSeconds });
    await next();
  };
}

/** What a request shows of who sends it. */
export function credentialsOf(c: Context<ApiEnv>): PresentedCredentials {
  return {
    authorization: c.req.header('authorization'),
    apiKeyHeader: c.req.header('x-api-key'),
    address: c.get('address') ?? undefined,
  };
}

/** Answers a request whose credential did not hold. Only sources that keep failing are slowed down. */
async function refuse(
  c: Context<ApiEnv>,
  { limits, refusals }: AccessDeps,
  authentication: Exclude<Authentication, { outcome: 'authenticated' }>,
  request: RequestOrigin,
): Promise<never> {
  if (authentication.outcome === 'ambiguous') {
    throw new ServiceError('invalid_request', {
      message: 'Send one credential: either Authorization or X-API-Key, not both.',
    });
  }
  if (authentication.outcome === 'missing') {
    c.header('WWW-Authenticate', 'Bearer realm="tooken"');
    throw new ServiceError('unauthorized');
  }
  await refusals.authenticationFailed(authentication, request);
  const source = sourceOf(request.ip ?? 'unknown');
  if (!limits.failures.take(source)) {
    const { headers, retryAfterSeconds } = limits.failures.standingOf(source);
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
    throw new ServiceError('rate_limited', { retryAfterSeconds });
  }
  c.header('WWW-Authenticate', 'Bearer realm="tooken", error="invalid_token"');
  throw new ServiceError('unauthorized');
}

function originOf(c: Context<ApiEnv>, access: OperationAccess): RequestOrigin {
  return {
    id: c.get('requestId'),
    method: c.req.method,
    route: access.path,
    ip: c.get('address'),
    userAgent: userAgentOf(c.req.header('user-agent')),
  };
}

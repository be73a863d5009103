import type { Context, MiddlewareHandler } from 'hono';
import { type RequestOrigin, userAgentOf } from '../../audit/events/event.ts';
import type { Database } from '../../db/connection.ts';
import { type Authentication, authenticate } from '../../introspection/authenticate.ts';
import type { PresentedCredentials } from '../../introspection/presented.ts';
import type { DecisionDeps } from '../../introspection/turn.ts';
import type { Usage } from '../../introspection/usage/usage.ts';
import { sourceOf } from '../../lib/addresses.ts';
import { ServiceError } from '../../lib/errors.ts';
import { parseId } from '../../lib/ids.ts';
import type { OperationAccess } from '../../rights/operation.ts';
import { type AccessDecision, decideAccess } from '../../rights/rights.ts';
import { isAuditTreePublic } from '../../tokens/store/settings.ts';
import type { Limiter, Limits } from '../../web/limits.ts';
import type { Refusals } from '../../web/refusals.ts';
import type { ApiEnv } from '../api.ts';

export interface AccessDeps {
  readonly authentication: DecisionDeps;
  readonly limits: Limits;
  readonly refusals: Refusals;
  readonly usage: Usage;
  readonly db: Database;
}

/**
 * Authenticates, then authorises against the operation's row of the table, then counts. In that order. What is open to
 * anybody takes callers without a credential too; one that is presented must be good all the same.
 */
export function requireAccess(deps: AccessDeps, access: OperationAccess): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const request = originOf(c, access);
    c.set('origin', request);
    // Whatever else comes from a source, nobody with the right password is held back; handlers count failures.
    if (access.open === 'always') return await next();
    const authentication = await authenticate(deps.authentication, credentialsOf(c));
    if (authentication.outcome !== 'authenticated') {
      const isAnonymous = authentication.outcome === 'missing' && access.open !== undefined;
      if (isAnonymous && (await admitAnybody(c, deps, sourceOf(request.ip ?? 'unknown')))) return await next();
      return refuse(c, deps, authentication, request);
    }
    const { principal } = authentication;
    c.set('caller', { principal, request });
    const decision = decideAccess(access, principal, {
      now: deps.authentication.clock.now(),
      workspace: c.req.param('workspace'),
    });
    if (access.open === 'if_tree_public') c.set('isOpen', await isOpen(c, deps));
    if (!decision.allowed && c.get('isOpen') !== true) throw refusalOf(decision);
    deps.usage.called(principal, c.get('address'));
    if (!deps.limits.requests.take(principal.id)) throw tooMany(c, deps.limits.requests, principal.id);
    showStanding(c, deps.limits.requests, principal.id);
    await next();
  };
}

/** Counted before the look at the workspace: asking for many to find the open ones is limited too. */
async function admitAnybody(c: Context<ApiEnv>, deps: AccessDeps, source: string): Promise<boolean> {
  const { requests } = deps.limits;
  if (!requests.take(source)) throw tooMany(c, requests, source);
  if (!(await isOpen(c, deps))) return false;
  showStanding(c, requests, source);
  c.set('isOpen', true);
  return true;
}

async function isOpen(c: Context<ApiEnv>, { db }: AccessDeps): Promise<boolean> {
  const workspace = parseId('ws', c.req.param('workspace') ?? '');
  return workspace !== undefined && (await isAuditTreePublic(db, workspace));
}

function refusalOf(decision: Exclude<AccessDecision, { allowed: true }>): ServiceError {
  switch (decision.code) {
    case 'forbidden':
      return new ServiceError(decision.code, { message: decision.message });
    case 'insufficient_scope': {
      const message = `This call needs the scope ${decision.scope}. Issue a token that has it.`;
      return new ServiceError(decision.code, { message, scope: decision.scope });
    }
    case 'insufficient_user_authentication':
    case 'not_found':
      return new ServiceError(decision.code);
  }
}

/** What a request shows of who sends it. */
export function credentialsOf(c: Context<ApiEnv>): PresentedCredentials {
  return {
    authorization: c.req.header('authorization'),
    apiKeyHeader: c.req.header('x-api-key'),
    address: c.get('address') ?? undefined,
    environment: c.req.header('tooken-environment'),
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
    throw new ServiceError('invalid_request', { message: AMBIGUITY_MESSAGES[authentication.about] });
  }
  if (authentication.outcome === 'missing') {
    c.header('WWW-Authenticate', 'Bearer realm="tooken"');
    throw new ServiceError('unauthorized');
  }
  await refusals.authenticationFailed(authentication, request);
  countFailure(c, limits);
  c.header('WWW-Authenticate', 'Bearer realm="tooken", error="invalid_token"');
  throw new ServiceError('unauthorized');
}

/**
 * Counts a credential that was refused against where it came from, after it was refused: a good one is never held back.
 *
 * @throws ServiceError `rate_limited` if that source keeps failing
 */
export function countFailure(c: Context<ApiEnv>, { failures }: Pick<Limits, 'failures'>): void {
  const source = sourceOf(c.get('address') ?? 'unknown');
  if (!failures.take(source)) throw tooMany(c, failures, source);
}

/** Counts a request that may send a mail, before anything is looked up. @throws ServiceError `rate_limited` */
export function countMail(c: Context<ApiEnv>, { mails }: Pick<Limits, 'mails'>): void {
  const source = sourceOf(c.get('address') ?? 'unknown');
  if (!mails.take(source)) throw tooMany(c, mails, source);
}

function tooMany(c: Context<ApiEnv>, limiter: Limiter, key: string): ServiceError {
  return new ServiceError('rate_limited', { retryAfterSeconds: showStanding(c, limiter, key) });
}

/** Tells the caller how it stands; returns the seconds until its window ends. */
function showStanding(c: Context<ApiEnv>, limiter: Limiter, key: string): number {
  const { headers, retryAfterSeconds } = limiter.standingOf(key);
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  return retryAfterSeconds;
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

const AMBIGUITY_MESSAGES = {
  credential: 'Send one credential: either Authorization or X-API-Key, not both.',
  environment:
    'Tooken-Environment is live or test, and that of the credential. Leave it out with an API key or a token.',
};

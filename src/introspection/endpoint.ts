import type { RequestOrigin, Target } from '../audit/event.ts';
import type { Caller, Principal } from '../identity/principal.ts';
import { sourceOf } from '../lib/addresses.ts';
import type { ServiceError } from '../lib/errors.ts';
import type { ApiKeyId, TokenId } from '../lib/ids.ts';
import type { Logger } from '../telemetry/logger.ts';
import { AMBIGUOUS_CREDENTIALS, type Answer, METHOD_NOT_ALLOWED, rateLimited, UNAUTHENTICATED } from './answers.ts';
import { type AuthenticationDeps, authenticateClient, type Refused } from './authenticate.ts';

/** A request to one of the OAuth endpoints, free of any HTTP library. */
export interface EndpointRequest {
  readonly authorization: string | undefined;
  readonly apiKeyHeader: string | undefined;
  readonly contentType: string | undefined;
  /** Undefined when it was longer than `BODY_MAX_BYTES`. */
  readonly body: Uint8Array | undefined;
  /** Where it came from, for the caller's own address list as for the audit log. */
  readonly origin: RequestOrigin;
}

/** What both endpoints draw on. */
export interface EndpointDeps extends AuthenticationDeps {
  readonly logger: Logger;
  readonly refusals: RefusalRecorder;
  /** Limits refused credentials, per source. */
  readonly limits: { readonly failures: Limiter };
  /** Notes that a credential was used, and from where. */
  recordUse(credentialId: ApiKeyId | TokenId, source: string | null): void;
}

/** Tells the audit log about calls that were turned away. */
export interface RefusalRecorder {
  authenticationFailed(refusal: Refused, request: RequestOrigin): Promise<void>;
  denied(caller: Caller, error: ServiceError, targets: readonly Target[]): Promise<void>;
}

export interface Limiter {
  /** Counts one more for `key`. */
  take(key: string): Allowance | Promise<Allowance>;
}

export interface Allowance {
  readonly allowed: boolean;
  readonly retryAfterSeconds: number;
  /** `RateLimit` and `RateLimit-Policy`. */
  readonly headers: Readonly<Record<string, string>>;
}

export type Admission = { readonly principal: Principal } | { readonly refusal: Answer };

/**
 * Finds out who calls, or how to turn the request away. A bad credential from a source that keeps sending bad ones gets
 * a 429; a good one is looked at first and never pays for its neighbours.
 */
export async function admit(deps: EndpointDeps, request: EndpointRequest): Promise<Admission> {
  const { authorization, apiKeyHeader, origin } = request;
  if (origin.method !== 'POST') return { refusal: METHOD_NOT_ALLOWED };
  const address = origin.ip ?? undefined;
  const authentication = await authenticateClient(deps, { authorization, apiKeyHeader, address });
  switch (authentication.outcome) {
    case 'authenticated':
      return authentication;
    case 'missing':
      return { refusal: UNAUTHENTICATED.missing };
    case 'ambiguous':
      return { refusal: AMBIGUOUS_CREDENTIALS };
    case 'refused':
      await deps.refusals.authenticationFailed(authentication, origin);
      return { refusal: await unauthenticated(deps, authentication, origin) };
  }
}

async function unauthenticated({ limits }: EndpointDeps, { scheme }: Refused, origin: RequestOrigin): Promise<Answer> {
  const refusal = await refusalOfLimit(limits.failures, sourceOf(origin.ip ?? 'unknown'));
  return refusal ?? UNAUTHENTICATED[scheme === 'basic' ? 'basic' : 'bearer'];
}

/** Notes that the caller's credential was used, and counts the call: the 429 if it is one too many. */
export async function countUse(
  deps: EndpointDeps,
  principal: Principal,
  { ip }: RequestOrigin,
  limiter: Limiter,
): Promise<Answer | undefined> {
  if (principal.kind === 'system') return undefined;
  deps.recordUse(principal.id, ip);
  return refusalOfLimit(limiter, principal.id);
}

/** Counts one more for `key`: the 429 if that is one too many. */
async function refusalOfLimit(limiter: Limiter, key: string): Promise<Answer | undefined> {
  const { allowed, headers, retryAfterSeconds } = await limiter.take(key);
  return allowed ? undefined : rateLimited({ ...headers, 'retry-after': String(retryAfterSeconds) });
}

import type { RequestOrigin, Target } from '../audit/events/event.ts';
import type { Caller, Principal } from '../identity/principal.ts';
import { sourceOf } from '../lib/addresses.ts';
import type { ServiceError } from '../lib/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import {
  AMBIGUOUS_CREDENTIALS,
  type Answer,
  METHOD_NOT_ALLOWED,
  OTHER_ENVIRONMENT,
  rateLimited,
  type Standing,
  UNAUTHENTICATED,
} from './answers.ts';
import { type Authenticated, authenticateClient, type Refused } from './authenticate.ts';
import { answerFailures } from './failure.ts';
import { type DecisionDeps, decideInOneTurn, type Turn, type Wanting } from './turn.ts';
import type { Usage } from './usage/usage.ts';

/** A request to one of the OAuth endpoints, free of any HTTP library. */
export interface EndpointRequest {
  readonly authorization: string | undefined;
  readonly apiKeyHeader: string | undefined;
  /** `Tooken-Environment` */
  readonly environmentHeader: string | undefined;
  readonly contentType: string | undefined;
  /** Undefined when it was longer than `BODY_MAX_BYTES`. */
  readonly body: Uint8Array | undefined;
  /** Where it came from, for the caller's own address list as for the audit log. */
  readonly origin: RequestOrigin;
  /** Hears who calls as soon as that is certain; again if the decision takes another turn. */
  readonly onCaller?: (principal: Principal) => void;
}

/** What both endpoints draw on. */
export interface EndpointDeps extends DecisionDeps {
  readonly logger: Logger;
  readonly refusals: RefusalRecorder;
  /** Limits refused credentials, per source. */
  readonly limits: { readonly failures: Limiter };
  readonly usage: Usage;
}

/** Tells the audit log about calls that were turned away. */
export interface RefusalRecorder {
  authenticationFailed(refusal: Refused, request: RequestOrigin): Promise<void>;
  denied(caller: Caller, error: ServiceError, targets: readonly Target[]): Promise<void>;
}

/** Counts calls, each against a limit of its own. */
export interface Limiter {
  /** Counts one more for `key`: whether that is still within the limit. `atMs` is now, on the monotonic clock. */
  take(key: string, atMs?: number): boolean;
  /** How `key` stands now. */
  standingOf(key: string): Standing;
}

/** What an endpoint does with a caller that is known to be who it says. */
export interface Service {
  /** Counts the calls of each caller. */
  readonly limiter: Limiter;
  /** Turns away a caller that may not call the endpoint at all. Undefined for one that may. */
  deny?(principal: Principal): Promise<Answer> | undefined;
  /** One step of a decision: may be asked again, about the same caller. */
  answer(caller: Authenticated, turn: Turn): Answer | Promise<Answer> | Wanting;
}

/**
 * Authenticates, authorises, counts and answers, in this order; the first that fails answers. All of it is one decision
 * (see `decideInOneTurn`), yet the call is counted once, and before its token costs the database anything. Never throws
 * or rejects: what nobody planned for is a 500, a database that cannot be asked a 503.
 */
export function serve(deps: EndpointDeps, request: EndpointRequest, service: Service): Answer | Promise<Answer> {
  let isCounted = false;
  return answerFailures(deps.logger, request.origin.id, () =>
    decideInOneTurn(deps, (turn): Answer | Promise<Answer> | Wanting => {
      const caller = admit(deps, request, turn);
      if ('wanted' in caller) return caller;
      if ('refusal' in caller) return caller.refusal;
      request.onCaller?.(caller.principal);
      const denial = service.deny?.(caller.principal);
      if (denial !== undefined) return denial;
      const tooMany = isCounted ? undefined : countUse(deps, caller.principal, request.origin, service.limiter, turn);
      isCounted = true;
      return tooMany ?? service.answer(caller, turn);
    }),
  );
}

type Admission = Authenticated | { readonly refusal: Answer | Promise<Answer> } | Wanting;

/**
 * Finds out who calls, or how to turn the request away. A bad credential from a source that keeps sending bad ones gets
 * a 429; a good one is looked at first and never pays for its neighbours.
 */
function admit(deps: EndpointDeps, request: EndpointRequest, turn: Turn): Admission {
  const { authorization, apiKeyHeader, environmentHeader: environment, origin } = request;
  if (origin.method !== 'POST') return { refusal: METHOD_NOT_ALLOWED };
  const presented = { authorization, apiKeyHeader, environment, address: origin.ip ?? undefined };
  const authentication = authenticateClient(presented, turn);
  if ('wanted' in authentication) return authentication;
  switch (authentication.outcome) {
    case 'authenticated':
      return authentication;
    case 'missing':
      return { refusal: UNAUTHENTICATED.missing };
    case 'ambiguous':
      return { refusal: authentication.about === 'credential' ? AMBIGUOUS_CREDENTIALS : OTHER_ENVIRONMENT };
    case 'refused':
      return { refusal: refuse(deps, authentication, origin) };
  }
}

async function refuse(deps: EndpointDeps, refused: Refused, origin: RequestOrigin): Promise<Answer> {
  await deps.refusals.authenticationFailed(refused, origin);
  const tooMany = countOne(deps.limits.failures, sourceOf(origin.ip ?? 'unknown'));
  return tooMany ?? UNAUTHENTICATED[refused.scheme === 'basic' ? 'basic' : 'bearer'];
}

/** Notes that the caller's credential was used, and counts the call: the 429 if it is one too many. */
function countUse(
  deps: EndpointDeps,
  principal: Authenticated['principal'],
  { ip }: RequestOrigin,
  limiter: Limiter,
  { now, monotonicMs }: Turn,
): Answer | undefined {
  deps.usage.called(principal, ip, now);
  return countOne(limiter, principal.id, monotonicMs);
}

/** Counts one more for `key`: the 429 if that is one too many. */
export function countOne(limiter: Limiter, key: string, atMs?: number): Answer | undefined {
  return limiter.take(key, atMs) ? undefined : rateLimited(limiter.standingOf(key));
}

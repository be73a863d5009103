import type { RequestOrigin } from '../audit/events/event.ts';
import type { Config } from '../config/config.ts';
import { isManager } from '../identity/access-level.ts';
import type { Principal } from '../identity/principal.ts';
import { grantsScope, type ReservedScope } from '../identity/scopes.ts';
import { ServiceError } from '../lib/errors.ts';
import { activeAnswer } from './active-answer.ts';
import { type Answer, forbidden, INACTIVE, insufficientScope, invalidRequest } from './answers.ts';
import type { Authenticated } from './authenticate.ts';
import { decide, type Verdict } from './decide.ts';
import { type EndpointDeps, type EndpointRequest, type Limiter, serve } from './endpoint.ts';
import { readParameters } from './parameters.ts';
import { QUESTION_PARAMETERS, readQuestion, type TokenQuestion } from './question.ts';
import type { RecordedIntrospection } from './recorded/batch.ts';
import type { IntrospectionRecorder } from './recorded/recorder.ts';
import { joinSought } from './sought.ts';
import { isWanting, lookUp, type Turn, type Wanting } from './turn.ts';
import { outcomeOf, toldOutcome } from './usage/outcome.ts';
import type { Introspection } from './usage/usage.ts';

export interface IntrospectionDeps extends EndpointDeps {
  /** The public URL is the issuer. */
  readonly config: Pick<Config, 'publicUrl'>;
  readonly limits: EndpointDeps['limits'] & { readonly introspections: Limiter };
  readonly recorder: IntrospectionRecorder;
}

export const INTROSPECTION_PATH = '/v1/tokens/introspect';

/** Whether a request of this outcome is one of the many that services make all day long. */
export function isRoutine(route: string, status: number): boolean {
  return status === 200 && route === INTROSPECTION_PATH;
}

/** What a calling token needs. API keys need nothing. */
const INTROSPECTION_SCOPE: ReservedScope = 'tokens:introspect';

/**
 * `POST /v1/tokens/introspect` (RFC 7662): whether a token is good, for what, and whose it is. Answers at once when
 * memory can tell.
 */
export function introspect(deps: IntrospectionDeps, request: EndpointRequest): Answer | Promise<Answer> {
  return serve(deps, request, {
    limiter: deps.limits.introspections,
    deny: (principal) => denyUnlessIntrospector(deps, principal, request),
    answer: (caller, turn) => answer(deps, caller, request, turn),
  });
}

/**
 * Turns away a token without the scope, even if it asks about itself, and members who do not manage the workspace, with
 * their tokens: a bad caller never gets a verdict.
 */
export function denyUnlessIntrospector(
  deps: IntrospectionDeps,
  principal: Principal,
  request: EndpointRequest,
): Promise<Answer> | undefined {
  switch (principal.kind) {
    case 'token':
      if (!grantsScope(principal.scopes, INTROSPECTION_SCOPE)) {
        return deny(deps, principal, request, insufficientScope(INTROSPECTION_SCOPE), {
          code: 'insufficient_scope',
          scope: INTROSPECTION_SCOPE,
        });
      }
      return principal.owner === null || isManager(principal.owner.access)
        ? undefined
        : deny(deps, principal, request, OWNER_MAY_NOT, { code: 'forbidden' });
    case 'member':
      return isManager(principal.access)
        ? undefined
        : deny(deps, principal, request, MEMBER_MAY_NOT, { code: 'forbidden' });
    default:
      return undefined;
  }
}

const MEMBER_MAY_NOT = forbidden('Only owners and admins of the workspace may introspect, not all of its members.');
const OWNER_MAY_NOT = forbidden('The member who owns this token may not introspect, so neither may the token.');

async function deny(
  deps: IntrospectionDeps,
  principal: Principal,
  request: EndpointRequest,
  answer: Answer,
  { code, scope }: { readonly code: 'insufficient_scope' | 'forbidden'; readonly scope?: string },
): Promise<Answer> {
  const error = new ServiceError(code, { ...(scope !== undefined && { scope }) });
  await deps.refusals.denied({ principal, request: request.origin }, error, []);
  return answer;
}

function answer(
  deps: IntrospectionDeps,
  caller: Authenticated,
  request: EndpointRequest,
  turn: Turn,
): Answer | Promise<Answer> | Wanting {
  const read = readParameters(request.contentType, request.body, QUESTION_PARAMETERS);
  if ('refusal' in read) return read.refusal;
  const question = readQuestion(read.parameters);
  return typeof question === 'string'
    ? invalidRequest(question)
    : answerQuestion(deps, caller, request, question, turn);
}

/**
 * One look-up for a token that exists and one for a token that does not, so that timing tells them no more apart than
 * the answer does. What cannot be a credential at all is refused without: its checksum already gives it away. Where every
 * introspection is recorded, the answer waits for its record.
 */
export function answerQuestion(
  deps: IntrospectionDeps,
  caller: Authenticated,
  { origin }: EndpointRequest,
  question: TokenQuestion,
  turn: Turn,
): Answer | Promise<Answer> | Wanting {
  const record = lookUp(turn, question.token);
  if (record !== undefined && record !== null && isWanting(record)) {
    return { wanted: joinSought(caller.sought, record.wanted) };
  }
  const { principal } = caller;
  const verdict = record === undefined ? MALFORMED : decide(record, principal, question, turn.now);
  const use = {
    record: record ?? null,
    introspector: principal,
    source: question.clientIp ?? null,
    outcome: outcomeOf(verdict),
  };
  deps.usage.introspected(use, turn.now);
  const answer = verdict.isActive ? activeAnswer(verdict, deps.config.publicUrl, turn.now) : INACTIVE;
  if (!caller.recordsIntrospections) return answer;
  return deps.recorder.record(recordOf(use, principal.id, question, origin, turn.now)).then(() => answer);
}

const MALFORMED: Verdict = { isActive: false, reason: 'malformed' };

/** What the workspace's own people may know of it: what is not theirs is unknown to them. */
function recordOf(
  { record, introspector, source, outcome }: Introspection,
  introspectorId: string,
  { requiredScope }: TokenQuestion,
  origin: RequestOrigin,
  at: Date,
): RecordedIntrospection {
  const told = toldOutcome(outcome);
  const token = record?.kind === 'token' && told !== 'unknown' ? record : undefined;
  return {
    at,
    workspaceId: introspector.workspaceId,
    environment: introspector.environment,
    introspector: introspectorId,
    request: origin.id,
    token: token?.id ?? null,
    secret: token?.secret ?? null,
    outcome: told,
    requiredScope: requiredScope ?? null,
    source: origin.ip,
    client: source,
  };
}

import type { Config } from '../config/config.ts';
import { parseCredential } from '../credentials/format.ts';
import type { Principal } from '../identity/principal.ts';
import { parseAddress } from '../lib/addresses.ts';
import { ServiceError } from '../lib/errors.ts';
import { grantsScope, type ReservedScope, SCOPE_MAX_LENGTH, SCOPE_PATTERN } from '../tokens/scopes.ts';
import { activeAnswer } from './active-answer.ts';
import { type Answer, INACTIVE, insufficientScope, invalidRequest, TOKEN_MISSING } from './answers.ts';
import type { Authenticated } from './authenticate.ts';
import { decide, type Question } from './decide.ts';
import { type EndpointDeps, type EndpointRequest, type Limiter, serve } from './endpoint.ts';
import type { Parameters } from './form.ts';
import { parameterOf, readParameters } from './parameters.ts';
import type { Turn, Wanting } from './turn.ts';
import { outcomeOf } from './usage/outcome.ts';

export interface IntrospectionDeps extends EndpointDeps {
  /** The public URL is the issuer. */
  readonly config: Pick<Config, 'publicUrl'>;
  readonly limits: EndpointDeps['limits'] & { readonly introspections: Limiter };
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
    deny: (principal) => (mayIntrospect(principal) ? undefined : deny(deps, principal, request)),
    answer: (caller, turn) => answer(deps, caller, request, turn),
  });
}

function mayIntrospect(principal: Principal): boolean {
  return principal.kind !== 'token' || grantsScope(principal.scopes, INTROSPECTION_SCOPE);
}

/** A token without the scope is told so, even if it asks about itself; a bad caller never gets a verdict. */
async function deny(deps: IntrospectionDeps, principal: Principal, request: EndpointRequest): Promise<Answer> {
  const error = new ServiceError('insufficient_scope', { scope: INTROSPECTION_SCOPE });
  await deps.refusals.denied({ principal, request: request.origin }, error, []);
  return insufficientScope(INTROSPECTION_SCOPE);
}

/**
 * One look-up for a token that exists and one for a token that does not, so that timing tells them no more apart than
 * the answer does. What cannot be a credential at all is refused without: its checksum already gives it away.
 */
function answer(
  deps: IntrospectionDeps,
  { principal, credential }: Authenticated,
  request: EndpointRequest,
  turn: Turn,
): Answer | Wanting {
  const read = readParameters(request.contentType, request.body, PARAMETERS);
  if ('refusal' in read) return read.refusal;
  const question = readQuestion(read.parameters);
  if ('refusal' in question) return question.refusal;
  const parts = parseCredential(question.token);
  const source = question.clientIp ?? null;
  if (parts === undefined) {
    deps.usage.introspected({ record: null, introspector: principal, source, outcome: 'malformed' });
    return INACTIVE;
  }
  const record = turn.recall(parts.credential);
  if (record === undefined) return { wanted: [credential, parts.credential] };
  const verdict = decide(record, principal, question, turn.now);
  deps.usage.introspected({ record, introspector: principal, source, outcome: outcomeOf(verdict) });
  if (!verdict.isActive) return INACTIVE;
  return activeAnswer(verdict, deps.config.publicUrl, turn.now);
}

/** `token_type_hint` may be there and never narrows the search (RFC 7662 §2.1). */
const PARAMETERS = ['token', 'token_type_hint', 'required_scope', 'client_ip'];

type ReadQuestion = (Question & { readonly token: string }) | { readonly refusal: Answer };

function readQuestion(parameters: Parameters): ReadQuestion {
  const token = parameterOf(parameters, 'token');
  if (token === undefined) return { refusal: TOKEN_MISSING };
  const requiredScope = parameterOf(parameters, 'required_scope');
  if (requiredScope !== undefined && !isScope(requiredScope)) return { refusal: SCOPE_INVALID };
  const clientIpText = parameterOf(parameters, 'client_ip');
  const clientIp = clientIpText === undefined ? undefined : parseAddress(clientIpText);
  if (clientIpText !== undefined && clientIp === undefined) return { refusal: ADDRESS_INVALID };
  return { token, requiredScope, clientIp };
}

function isScope(text: string): boolean {
  return text.length <= SCOPE_MAX_LENGTH && SCOPE_PATTERN.test(text);
}

const SCOPE_INVALID = invalidRequest('The parameter required_scope must be one scope such as invoices:read.');
const ADDRESS_INVALID = invalidRequest('The parameter client_ip must be one IPv4 or IPv6 address.');

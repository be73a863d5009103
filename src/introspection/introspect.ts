import type { Config } from '../config/config.ts';
import { parseCredential } from '../credentials/format.ts';
import type { Principal } from '../identity/principal.ts';
import { parseAddress } from '../lib/addresses.ts';
import { ServiceError } from '../lib/errors.ts';
import { grantsScope, type ReservedScope, SCOPE_MAX_LENGTH, SCOPE_PATTERN } from '../tokens/scopes.ts';
import { activeBody } from './active-body.ts';
import { type Answer, INACTIVE, insufficientScope, invalidRequest, jsonAnswer, TOKEN_MISSING } from './answers.ts';
import { decide, type Question, type Verdict } from './decide.ts';
import { admit, countUse, type EndpointDeps, type EndpointRequest, type Limiter } from './endpoint.ts';
import { answerFailure } from './failure.ts';
import type { Parameters } from './form.ts';
import { parameterOf, readParameters } from './parameters.ts';

export interface IntrospectionDeps extends EndpointDeps {
  /** The public URL is the issuer. */
  readonly config: Pick<Config, 'publicUrl'>;
  readonly limits: EndpointDeps['limits'] & { readonly introspections: Limiter };
}

/** What a calling token needs. API keys need nothing. */
const INTROSPECTION_SCOPE: ReservedScope = 'tokens:introspect';

/**
 * `POST /v1/tokens/introspect` (RFC 7662): whether a token is good, for what, and whose it is. Authenticates,
 * authorises, counts, parses, looks up and decides, in this order; the first that fails answers. Never rejects: what
 * nobody planned for is a 500, a database that cannot be asked a 503.
 */
export async function introspect(deps: IntrospectionDeps, request: EndpointRequest): Promise<Answer> {
  try {
    const admission = await admit(deps, request);
    if ('refusal' in admission) return admission.refusal;
    const { principal } = admission;
    if (!mayIntrospect(principal)) return await deny(deps, principal, request);
    const refusal = await countUse(deps, principal, request.origin, deps.limits.introspections);
    return refusal ?? (await answer(deps, principal, request));
  } catch (error) {
    return answerFailure(deps.logger, request.origin.id, error);
  }
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

async function answer(deps: IntrospectionDeps, principal: Principal, request: EndpointRequest): Promise<Answer> {
  const read = readParameters(request.contentType, request.body, PARAMETERS);
  if ('refusal' in read) return read.refusal;
  const question = readQuestion(read.parameters);
  if ('refusal' in question) return question.refusal;
  const { verdict, now } = await examine(deps, question.token, principal, question);
  if (!verdict.isActive) return INACTIVE;
  deps.recordUse(verdict.token.id, question.clientIp ?? null);
  return jsonAnswer(activeBody(verdict, deps.config.publicUrl, now));
}

/**
 * One look-up for a token that exists and one for a token that does not, so that timing tells them no more apart than
 * the answer does. What cannot be a credential at all is refused without: its checksum already gives it away.
 */
async function examine(
  { digest, loadRecord, clock }: IntrospectionDeps,
  token: string,
  principal: Principal,
  question: Question,
): Promise<{ verdict: Verdict; now: Date }> {
  const parts = parseCredential(token);
  if (parts === undefined) return { verdict: { isActive: false, reason: 'malformed' }, now: clock.now() };
  const record = await loadRecord(digest(parts.credential));
  const now = clock.now();
  return { verdict: decide(record, principal, question, now), now };
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

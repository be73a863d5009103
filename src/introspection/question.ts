import { SCOPE_MAX_LENGTH, SCOPE_PATTERN } from '../identity/scopes.ts';
import { parseAddress } from '../lib/addresses.ts';
import type { Question } from './decide.ts';
import type { Parameters } from './form.ts';
import { parameterOf } from './parameters.ts';

/** A question about a token, as it was sent. */
export interface TokenQuestion extends Question {
  /** Whatever was presented as one. */
  readonly token: string;
}

/** `token_type_hint` may be there and never narrows the search (RFC 7662 §2.1). */
export const QUESTION_PARAMETERS = ['token', 'token_type_hint', 'required_scope', 'client_ip'];

/** The question in `parameters`, or what is wrong with it, in a sentence. */
export function readQuestion(parameters: Parameters): TokenQuestion | string {
  const token = parameterOf(parameters, 'token');
  if (token === undefined) return 'The parameter token is missing.';
  const requiredScope = parameterOf(parameters, 'required_scope');
  if (requiredScope !== undefined && !isScope(requiredScope)) {
    return 'The parameter required_scope must be one scope such as invoices:read.';
  }
  const clientIpText = parameterOf(parameters, 'client_ip');
  const clientIp = clientIpText === undefined ? undefined : parseAddress(clientIpText);
  if (clientIpText !== undefined && clientIp === undefined) {
    return 'The parameter client_ip must be one IPv4 or IPv6 address.';
  }
  return { token, requiredScope, clientIp };
}

function isScope(text: string): boolean {
  return text.length <= SCOPE_MAX_LENGTH && SCOPE_PATTERN.test(text);
}

import type { AccessLevel } from '../identity/access-level.ts';
import { type Caller, type Principal, seesOnlyTokensOf } from '../identity/principal.ts';
import { grantsScope, type ReservedScope } from '../identity/scopes.ts';
import { ServiceError } from '../lib/errors.ts';
import type { TokenDeps } from '../tokens/issue.ts';
import { revokeToken } from '../tokens/revoke.ts';
import { type Answer, REVOKED, TOKEN_MISSING, UNAUTHENTICATED } from './answers.ts';
import type { Authenticated } from './authenticate.ts';
import { type EndpointDeps, type EndpointRequest, type Limiter, serve } from './endpoint.ts';
import { parameterOf, readParameters } from './parameters.ts';
import type { CredentialRecord, TokenRecord } from './record.ts';
import { joinSought } from './sought.ts';
import { isWanting, lookUp, type Turn, type Wanting } from './turn.ts';
import { isSecretReplaced } from './validity.ts';

export interface RevocationDeps extends EndpointDeps, TokenDeps {
  readonly limits: EndpointDeps['limits'] & { readonly requests: Limiter };
}

/** What a calling token needs to revoke others than itself. */
const REVOCATION_SCOPE: ReservedScope = 'tokens:write';

/**
 * `POST /v1/tokens/revoke` (RFC 7009): revokes the token whose value is given. A caller may revoke what it may manage,
 * and the very token it calls with, whatever the scopes of that. The answer is the same for a token that is revoked, was
 * revoked, is unknown, or is not the caller's to revoke; the last is a denied call in the audit log. A 503 says that
 * nobody knows whether the revocation was committed, and a retry settles it.
 */
export function revokeByValue(deps: RevocationDeps, request: EndpointRequest): Answer | Promise<Answer> {
  return serve(deps, request, {
    limiter: deps.limits.requests,
    answer: (caller, turn) => answer(deps, caller, request, turn),
  });
}

/** `token_type_hint` may be there and never narrows the search (RFC 7009 §2.1). */
const PARAMETERS = ['token', 'token_type_hint'];

function answer(
  deps: RevocationDeps,
  caller: Authenticated,
  request: EndpointRequest,
  turn: Turn,
): Answer | Promise<Answer> | Wanting {
  const read = readParameters(request.contentType, request.body, PARAMETERS);
  if ('refusal' in read) return read.refusal;
  const text = parameterOf(read.parameters, 'token');
  if (text === undefined) return TOKEN_MISSING;
  const record = lookUp(turn, text);
  if (record === undefined || record === null) return REVOKED;
  if (isWanting(record)) return { wanted: joinSought(caller.sought, record.wanted) };
  if (!isRevocable(record, turn.now)) return REVOKED;
  return revoke(deps, { principal: caller.principal, request: request.origin }, record);
}

/**
 * A secret that a rotation has replaced opens nothing any more, so that whoever finds an old one cannot end the token;
 * an API key is no token.
 */
function isRevocable(record: CredentialRecord, now: Date): record is TokenRecord {
  return record.kind === 'token' && !isSecretReplaced(record, now);
}

async function revoke(deps: RevocationDeps, caller: Caller, token: TokenRecord): Promise<Answer> {
  const { principal } = caller;
  const isOwn = principal.kind === 'token' && principal.id === token.id;
  try {
    if (!isOwn) requireRight(principal, token);
    await revokeToken(deps, caller, token.id, { reason: null, withIssued: false });
    return REVOKED;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    // The calling token has ended since it was let in: by the very revocation it asks for, or by another.
    if (error.code === 'unauthorized') return isOwn ? REVOKED : UNAUTHENTICATED.bearer;
    if (error.status !== 403 && error.code !== 'not_found') throw error;
    await deps.refusals.denied(caller, error, targetsOf(principal, token));
    return REVOKED;
  }
}

/** Throws what speaks against it; `revokeToken` then holds the reach of the two tokens against each other. */
function requireRight(principal: Principal, token: TokenRecord): void {
  if (!isInRealmOf(principal, token)) throw new ServiceError('not_found');
  if (principal.kind === 'token' && !grantsScope(principal.scopes, REVOCATION_SCOPE)) {
    throw new ServiceError('insufficient_scope', { scope: REVOCATION_SCOPE });
  }
  const access = principal.kind === 'member' ? principal.access : ownerAccessOf(principal);
  if (access === 'auditor') throw new ServiceError('forbidden');
}

/** Which token it was is told to the log only of the workspace and environment it belongs to. */
function targetsOf(principal: Principal, token: TokenRecord) {
  return isInRealmOf(principal, token) ? [{ type: 'token', id: token.id, name: token.name } as const] : [];
}

function ownerAccessOf(principal: Principal): AccessLevel | undefined {
  return principal.kind === 'token' ? principal.owner?.access : undefined;
}

function isInRealmOf(principal: Principal, token: TokenRecord): boolean {
  const only = seesOnlyTokensOf(principal);
  if (only !== undefined && token.owner?.id !== only) return false;
  return token.workspaceId === principal.workspaceId && token.environment === principal.environment;
}

import { type AccessLevel, isManager } from '../identity/access-level.ts';
import type { MemberPrincipal, Principal, TokenPrincipal } from '../identity/principal.ts';
import { grantsScope, type ReservedScope } from '../identity/scopes.ts';
import { INTROSPECTION_PATH } from '../introspection/introspect.ts';
import { type MemberAccess, type OperationAccess, STEP_UP_SECONDS } from './operation.ts';
import { PEOPLE_OPERATIONS } from './people-operations.ts';
import { RECORD_OPERATIONS } from './record-operations.ts';
import { TOKEN_OPERATIONS } from './token-operations.ts';

/**
 * Every operation of the management API, and who may call it. This table is the only place that says so: the middleware
 * enforces it, the OpenAPI document and the table in ARCHITECTURE.md are generated from it, and a test walks all of it
 * with every kind of caller.
 */
export const OPERATIONS = { ...TOKEN_OPERATIONS, ...RECORD_OPERATIONS, ...PEOPLE_OPERATIONS } as const;

export type OperationName = keyof typeof OPERATIONS;

/**
 * The OAuth endpoints authenticate for themselves, since they take HTTP Basic as well and answer errors in the
 * manner of RFC 6749. Anybody holding a credential may revoke that very credential (RFC 7009).
 */
export const OAUTH_OPERATIONS = {
  introspect: {
    method: 'post',
    path: INTROSPECTION_PATH,
    apiKey: 'any',
    token: 'tokens:introspect',
    member: 'managers',
  },
  introspectBatch: {
    method: 'post',
    path: '/v1/tokens/introspect/batch',
    apiKey: 'any',
    token: 'tokens:introspect',
    member: 'managers',
  },
  revokeByValue: {
    method: 'post',
    path: '/v1/tokens/revoke',
    apiKey: 'any',
    token: 'any',
    member: 'all_but_auditors',
    event: 'token.revoked',
  },
} as const satisfies Record<string, OperationAccess>;

export type AccessDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly code: 'insufficient_scope'; readonly scope: ReservedScope }
  | { readonly allowed: false; readonly code: 'forbidden'; readonly message: string }
  | { readonly allowed: false; readonly code: 'insufficient_user_authentication' | 'not_found' };

/**
 * Whether `principal` may call an operation at `now`. Pure: the table row, the principal and the workspace that the path
 * names, if it names one, decide. That an operation may be open to others too is for the caller to see.
 */
export function decideAccess(
  access: OperationAccess,
  principal: Principal,
  { now, workspace }: { readonly now: Date; readonly workspace?: string | undefined },
): AccessDecision {
  if (access.path.includes('{workspace}') && workspace !== principal.workspaceId) {
    return { allowed: false, code: 'not_found' };
  }
  switch (principal.kind) {
    case 'api_key':
      if (access.apiKey === 'never') return forbidden(peopleMessage(access.member));
      return decideEnvironment(access, principal);
    case 'token':
      return decideToken(access, principal);
    case 'member':
      return decideMember(access, principal, now);
    case 'system':
      return { allowed: true };
  }
}

function decideToken(access: OperationAccess, principal: TokenPrincipal): AccessDecision {
  if (access.token === 'never') {
    return forbidden(access.apiKey === 'never' ? peopleMessage(access.member) : TOKEN_MESSAGE);
  }
  if (access.token !== 'any' && !grantsScope(principal.scopes, access.token)) {
    return { allowed: false, code: 'insufficient_scope', scope: access.token };
  }
  // It acts as its owner. What any token may do, it does as itself.
  const { owner } = principal;
  if (owner !== null && access.token !== 'any' && !admitsMember(access.member, owner.access)) {
    return forbidden(OWNER_MESSAGE);
  }
  return decideEnvironment(access, principal);
}

function decideMember(access: OperationAccess, principal: MemberPrincipal, now: Date): AccessDecision {
  if (!admitsMember(access.member, principal.access)) return forbidden(memberMessage(access.member));
  const ageMs = now.getTime() - principal.authenticatedAt.getTime();
  if (access.stepUp === true && ageMs > STEP_UP_SECONDS * 1000) {
    return { allowed: false, code: 'insufficient_user_authentication' };
  }
  return { allowed: true };
}

/** Whether members of `level` are among those who may. */
export function admitsMember(member: MemberAccess, level: AccessLevel): boolean {
  switch (member) {
    case 'all':
      return true;
    case 'managers':
      return isManager(level);
    case 'managers_and_auditors':
      return isManager(level) || level === 'auditor';
    case 'all_but_auditors':
      return level !== 'auditor';
    case 'never':
      return false;
  }
}

function decideEnvironment({ apiKey, method }: OperationAccess, { environment }: Principal): AccessDecision {
  if (apiKey === 'any' || environment === 'live') return { allowed: true };
  return forbidden(method === 'get' ? TEST_READER_MESSAGE : TEST_KEY_MESSAGE);
}

function forbidden(message: string): AccessDecision {
  return { allowed: false, code: 'forbidden', message };
}

function peopleMessage(member: MemberAccess): string {
  return member === 'all' ? ANYBODY_MESSAGE : PEOPLE_MESSAGE;
}

function memberMessage(member: MemberAccess): string {
  if (member === 'managers') return 'Only owners and admins of the workspace may make this call.';
  if (member === 'managers_and_auditors')
    return 'Only owners, admins and auditors of the workspace may make this call.';
  return 'Auditors read and change nothing.';
}

const TEST_KEY_MESSAGE = 'A test key cannot change what belongs to the whole workspace. Use a live API key.';
const TEST_READER_MESSAGE =
  'A test key or token cannot read what is of both environments. Use a live one; GET /v1/audit-log has the events of the test environment.';
const PEOPLE_MESSAGE =
  'Only signed-in owners and admins may make this call, not API keys or tokens. Operators use the command line, `tooken --help`.';
const ANYBODY_MESSAGE = 'Only people who have signed in may make this call, not API keys or tokens.';
const TOKEN_MESSAGE = 'Tokens cannot make this call, whatever their scopes. Use an API key.';
const OWNER_MESSAGE = 'The member who owns this token may not make this call, so neither may the token.';

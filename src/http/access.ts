import type { AuditAction } from '../audit/events/catalogue.ts';
import type { Principal } from '../identity/principal.ts';
import { INTROSPECTION_PATH } from '../introspection/introspect.ts';
import { grantsScope, type ReservedScope } from '../identity/scopes.ts';

/**
 * Every operation of the management API, and who may call it. This table is the only place that says so: the middleware
 * enforces it, the OpenAPI document and the table in ARCHITECTURE.md are generated from it, and a test walks all of it
 * with every kind of caller.
 */
export interface OperationAccess {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** OpenAPI notation: `/v1/tokens/{id}`. Where it names a `{workspace}`, any but the caller's own is not found. */
  readonly path: string;
  /** `live`: only of the live environment, tokens too, since the call concerns the whole workspace. `never`: for people alone. */
  readonly apiKey: 'any' | 'live' | 'never';
  /** The scope a token needs; `any` token; or none may. */
  readonly token: ReservedScope | 'any' | 'never';
  /** Whom else it is open to: anybody at all, where the workspace has published the tree of its audit log. */
  readonly open?: 'if_tree_public';
  /** What a successful call leaves in the audit log; absent for calls that change nothing. */
  readonly event?: AuditAction;
}

export const OPERATIONS = {
  issueToken: { method: 'post', path: '/v1/tokens', apiKey: 'any', token: 'tokens:write', event: 'token.created' },
  listTokens: { method: 'get', path: '/v1/tokens', apiKey: 'any', token: 'tokens:read' },
  getToken: { method: 'get', path: '/v1/tokens/{id}', apiKey: 'any', token: 'tokens:read' },
  updateToken: {
    method: 'patch',
    path: '/v1/tokens/{id}',
    apiKey: 'any',
    token: 'tokens:write',
    event: 'token.updated',
  },
  deleteToken: {
    method: 'delete',
    path: '/v1/tokens/{id}',
    apiKey: 'any',
    token: 'tokens:write',
    event: 'token.deleted',
  },
  rotateToken: {
    method: 'post',
    path: '/v1/tokens/{id}/rotate',
    apiKey: 'any',
    token: 'tokens:write',
    event: 'token.rotated',
  },
  finishRotation: {
    method: 'post',
    path: '/v1/tokens/{id}/rotate/finish',
    apiKey: 'any',
    token: 'tokens:write',
    event: 'token.rotation_finished',
  },
  revokeToken: {
    method: 'post',
    path: '/v1/tokens/{id}/revoke',
    apiKey: 'any',
    token: 'tokens:write',
    event: 'token.revoked',
  },
  listScopes: { method: 'get', path: '/v1/scopes', apiKey: 'any', token: 'tokens:read' },
  createScope: { method: 'post', path: '/v1/scopes', apiKey: 'live', token: 'never', event: 'scope.created' },
  getScope: { method: 'get', path: '/v1/scopes/{name}', apiKey: 'any', token: 'tokens:read' },
  updateScope: { method: 'patch', path: '/v1/scopes/{name}', apiKey: 'live', token: 'never', event: 'scope.updated' },
  deleteScope: { method: 'delete', path: '/v1/scopes/{name}', apiKey: 'live', token: 'never', event: 'scope.deleted' },
  getSettings: { method: 'get', path: '/v1/settings', apiKey: 'any', token: 'never' },
  updateSettings: { method: 'patch', path: '/v1/settings', apiKey: 'live', token: 'never', event: 'settings.updated' },
  listUsage: { method: 'get', path: '/v1/usage', apiKey: 'any', token: 'tokens:read' },
  listAuditEvents: { method: 'get', path: '/v1/audit-log', apiKey: 'any', token: 'audit:read' },
  exportAuditLog: {
    method: 'get',
    path: '/v1/audit-log/export',
    apiKey: 'any',
    token: 'audit:read',
    event: 'audit_log.exported',
  },
  getAuditEvent: { method: 'get', path: '/v1/audit-log/{id}', apiKey: 'any', token: 'audit:read' },
  countAuditEvents: { method: 'get', path: '/v1/audit-log/histogram', apiKey: 'any', token: 'audit:read' },
  streamAuditEvents: { method: 'get', path: '/v1/audit-log/stream', apiKey: 'any', token: 'audit:read' },
  listIntrospectionRecords: {
    method: 'get',
    path: '/v1/audit-log/{id}/introspections',
    apiKey: 'any',
    token: 'audit:read',
  },
  proveIntrospectionRecord: {
    method: 'get',
    path: '/v1/audit-log/{id}/introspections/{position}',
    apiKey: 'any',
    token: 'audit:read',
  },
  proveAuditEvent: { method: 'get', path: '/v1/audit-log/{id}/proof', apiKey: 'any', token: 'audit:read' },
  getCheckpoint: {
    method: 'get',
    path: '/logs/{workspace}/checkpoint',
    apiKey: 'any',
    token: 'audit:read',
    open: 'if_tree_public',
  },
  getVerifierKey: {
    method: 'get',
    path: '/logs/{workspace}/key',
    apiKey: 'any',
    token: 'audit:read',
    open: 'if_tree_public',
  },
  getHashTile: {
    method: 'get',
    path: '/logs/{workspace}/tile/{level}/{index}',
    apiKey: 'any',
    token: 'audit:read',
    open: 'if_tree_public',
  },
  getEntries: {
    method: 'get',
    path: '/logs/{workspace}/tile/entries/{index}',
    apiKey: 'live',
    token: 'audit:read',
  },
  erasePersonalData: {
    method: 'post',
    path: '/v1/audit-log/erasures',
    apiKey: 'never',
    token: 'never',
    event: 'personal_data.erased',
  },
  whoami: { method: 'get', path: '/v1/whoami', apiKey: 'any', token: 'any' },
} as const satisfies Record<string, OperationAccess>;

export type OperationName = keyof typeof OPERATIONS;

/**
 * The OAuth endpoints authenticate for themselves, since they take HTTP Basic as well and answer errors in the
 * manner of RFC 6749. Anybody holding a credential may revoke that very credential (RFC 7009).
 */
export const OAUTH_OPERATIONS = {
  introspect: { method: 'post', path: INTROSPECTION_PATH, apiKey: 'any', token: 'tokens:introspect' },
  introspectBatch: { method: 'post', path: '/v1/tokens/introspect/batch', apiKey: 'any', token: 'tokens:introspect' },
  revokeByValue: { method: 'post', path: '/v1/tokens/revoke', apiKey: 'any', token: 'any', event: 'token.revoked' },
} as const satisfies Record<string, OperationAccess>;

export type AccessDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly code: 'insufficient_scope'; readonly scope: ReservedScope }
  | { readonly allowed: false; readonly code: 'forbidden'; readonly message: string }
  | { readonly allowed: false; readonly code: 'not_found' };

/**
 * Whether `principal` may call an operation. Pure: the table row, the principal and the workspace that the path names, if
 * it names one, decide. That an operation may be open to others too is for the caller to see.
 */
export function decideAccess(access: OperationAccess, principal: Principal, workspace?: string): AccessDecision {
  if (access.path.includes('{workspace}') && workspace !== principal.workspaceId) {
    return { allowed: false, code: 'not_found' };
  }
  switch (principal.kind) {
    case 'api_key':
      if (access.apiKey === 'never') return { allowed: false, code: 'forbidden', message: PEOPLE_MESSAGE };
      return decideEnvironment(access, principal);
    case 'token':
      if (access.token === 'never') {
        const message = access.apiKey === 'never' ? PEOPLE_MESSAGE : TOKEN_MESSAGE;
        return { allowed: false, code: 'forbidden', message };
      }
      if (access.token === 'any' || grantsScope(principal.scopes, access.token)) {
        return decideEnvironment(access, principal);
      }
      return { allowed: false, code: 'insufficient_scope', scope: access.token };
    case 'system':
      return { allowed: true };
  }
}

function decideEnvironment({ apiKey, method }: OperationAccess, { environment }: Principal): AccessDecision {
  if (apiKey === 'any' || environment === 'live') return { allowed: true };
  return { allowed: false, code: 'forbidden', message: method === 'get' ? TEST_READER_MESSAGE : TEST_KEY_MESSAGE };
}

const TEST_KEY_MESSAGE = 'A test key cannot change what belongs to the whole workspace. Use a live API key.';
const TEST_READER_MESSAGE =
  'A test key or token cannot read what is of both environments. Use a live one; GET /v1/audit-log has the events of the test environment.';
const PEOPLE_MESSAGE =
  'Only signed-in owners and admins may make this call, not API keys or tokens. Operators use `tooken audit erase`.';
const TOKEN_MESSAGE = 'Tokens cannot make this call, whatever their scopes. Use an API key.';

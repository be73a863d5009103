import type { AuditAction } from '../audit/events/catalogue.ts';
import { type AccessLevel, isManager } from '../identity/access-level.ts';
import type { MemberPrincipal, Principal, TokenPrincipal } from '../identity/principal.ts';
import { grantsScope, type ReservedScope } from '../identity/scopes.ts';
import { INTROSPECTION_PATH } from '../introspection/introspect.ts';

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
  /** The members who may, by their access; also what the owner of a token must be, since that acts for its owner. */
  readonly member: MemberAccess;
  /** Members have to have proved who they are within the last {@link STEP_UP_SECONDS}. */
  readonly stepUp?: true;
  /**
   * Whom else it is open to: anybody at all, always, since what the request says is all that counts; or where the workspace
   * has published the tree of its audit log.
   */
  readonly open?: 'always' | 'if_tree_public';
  /** What a successful call leaves in the audit log; absent for calls that change nothing. */
  readonly event?: AuditAction;
}

export type MemberAccess = 'all' | 'managers' | 'managers_and_auditors' | 'all_but_auditors' | 'never';

/** How long a proof of who somebody is lasts for what takes one (RFC 9470). */
export const STEP_UP_SECONDS = 600;

export const OPERATIONS = {
  issueToken: {
    method: 'post',
    path: '/v1/tokens',
    apiKey: 'any',
    token: 'tokens:write',
    member: 'all_but_auditors',
    event: 'token.created',
  },
  listTokens: { method: 'get', path: '/v1/tokens', apiKey: 'any', token: 'tokens:read', member: 'all' },
  getToken: { method: 'get', path: '/v1/tokens/{id}', apiKey: 'any', token: 'tokens:read', member: 'all' },
  updateToken: {
    method: 'patch',
    path: '/v1/tokens/{id}',
    apiKey: 'any',
    token: 'tokens:write',
    member: 'all_but_auditors',
    event: 'token.updated',
  },
  deleteToken: {
    method: 'delete',
    path: '/v1/tokens/{id}',
    apiKey: 'any',
    token: 'tokens:write',
    member: 'all_but_auditors',
    event: 'token.deleted',
  },
  rotateToken: {
    method: 'post',
    path: '/v1/tokens/{id}/rotate',
    apiKey: 'any',
    token: 'tokens:write',
    member: 'all_but_auditors',
    event: 'token.rotated',
  },
  finishRotation: {
    method: 'post',
    path: '/v1/tokens/{id}/rotate/finish',
    apiKey: 'any',
    token: 'tokens:write',
    member: 'all_but_auditors',
    event: 'token.rotation_finished',
  },
  revokeToken: {
    method: 'post',
    path: '/v1/tokens/{id}/revoke',
    apiKey: 'any',
    token: 'tokens:write',
    member: 'all_but_auditors',
    event: 'token.revoked',
  },
  reassignToken: {
    method: 'post',
    path: '/v1/tokens/{id}/reassign',
    apiKey: 'any',
    token: 'never',
    member: 'managers',
    event: 'token.reassigned',
  },
  listScopes: { method: 'get', path: '/v1/scopes', apiKey: 'any', token: 'tokens:read', member: 'all' },
  createScope: {
    method: 'post',
    path: '/v1/scopes',
    apiKey: 'live',
    token: 'never',
    member: 'managers',
    event: 'scope.created',
  },
  getScope: { method: 'get', path: '/v1/scopes/{name}', apiKey: 'any', token: 'tokens:read', member: 'all' },
  updateScope: {
    method: 'patch',
    path: '/v1/scopes/{name}',
    apiKey: 'live',
    token: 'never',
    member: 'managers',
    event: 'scope.updated',
  },
  deleteScope: {
    method: 'delete',
    path: '/v1/scopes/{name}',
    apiKey: 'live',
    token: 'never',
    member: 'managers',
    event: 'scope.deleted',
  },
  listRoles: { method: 'get', path: '/v1/roles', apiKey: 'any', token: 'tokens:read', member: 'all' },
  createRole: {
    method: 'post',
    path: '/v1/roles',
    apiKey: 'live',
    token: 'never',
    member: 'managers',
    stepUp: true,
    event: 'role.created',
  },
  getRole: { method: 'get', path: '/v1/roles/{id}', apiKey: 'any', token: 'tokens:read', member: 'all' },
  updateRole: {
    method: 'patch',
    path: '/v1/roles/{id}',
    apiKey: 'live',
    token: 'never',
    member: 'managers',
    stepUp: true,
    event: 'role.updated',
  },
  deleteRole: {
    method: 'delete',
    path: '/v1/roles/{id}',
    apiKey: 'live',
    token: 'never',
    member: 'managers',
    stepUp: true,
    event: 'role.deleted',
  },
  listGroups: { method: 'get', path: '/v1/groups', apiKey: 'any', token: 'tokens:read', member: 'all' },
  createGroup: {
    method: 'post',
    path: '/v1/groups',
    apiKey: 'live',
    token: 'never',
    member: 'managers',
    stepUp: true,
    event: 'group.created',
  },
  getGroup: { method: 'get', path: '/v1/groups/{id}', apiKey: 'any', token: 'tokens:read', member: 'all' },
  updateGroup: {
    method: 'patch',
    path: '/v1/groups/{id}',
    apiKey: 'live',
    token: 'never',
    member: 'managers',
    stepUp: true,
    event: 'group.updated',
  },
  deleteGroup: {
    method: 'delete',
    path: '/v1/groups/{id}',
    apiKey: 'live',
    token: 'never',
    member: 'managers',
    stepUp: true,
    event: 'group.deleted',
  },
  listProjects: { method: 'get', path: '/v1/projects', apiKey: 'any', token: 'tokens:read', member: 'all' },
  createProject: {
    method: 'post',
    path: '/v1/projects',
    apiKey: 'live',
    token: 'never',
    member: 'managers',
    event: 'project.created',
  },
  getProject: { method: 'get', path: '/v1/projects/{id}', apiKey: 'any', token: 'tokens:read', member: 'all' },
  updateProject: {
    method: 'patch',
    path: '/v1/projects/{id}',
    apiKey: 'live',
    token: 'never',
    member: 'managers',
    event: 'project.updated',
  },
  deleteProject: {
    method: 'delete',
    path: '/v1/projects/{id}',
    apiKey: 'live',
    token: 'never',
    member: 'managers',
    event: 'project.deleted',
  },
  revokeTokensOfProject: {
    method: 'post',
    path: '/v1/projects/{id}/revoke-tokens',
    apiKey: 'any',
    token: 'never',
    member: 'managers',
    stepUp: true,
    event: 'token.revoked',
  },
  getSettings: { method: 'get', path: '/v1/settings', apiKey: 'any', token: 'never', member: 'managers' },
  updateSettings: {
    method: 'patch',
    path: '/v1/settings',
    apiKey: 'live',
    token: 'never',
    member: 'managers',
    event: 'settings.updated',
  },
  listApiKeys: { method: 'get', path: '/v1/api-keys', apiKey: 'never', token: 'never', member: 'managers' },
  createApiKey: {
    method: 'post',
    path: '/v1/api-keys',
    apiKey: 'never',
    token: 'never',
    member: 'managers',
    stepUp: true,
    event: 'api_key.created',
  },
  getApiKey: { method: 'get', path: '/v1/api-keys/{id}', apiKey: 'never', token: 'never', member: 'managers' },
  regenerateApiKey: {
    method: 'post',
    path: '/v1/api-keys/{id}/regenerate',
    apiKey: 'never',
    token: 'never',
    member: 'managers',
    stepUp: true,
    event: 'api_key.regenerated',
  },
  // Without stepping up: whoever finds that a key has leaked should not have to look for a second factor first.
  deleteApiKey: {
    method: 'delete',
    path: '/v1/api-keys/{id}',
    apiKey: 'never',
    token: 'never',
    member: 'managers',
    event: 'api_key.deleted',
  },
  listUsage: { method: 'get', path: '/v1/usage', apiKey: 'any', token: 'tokens:read', member: 'all' },
  listRequests: {
    method: 'get',
    path: '/v1/requests',
    apiKey: 'any',
    token: 'audit:read',
    member: 'managers_and_auditors',
  },
  listAuditEvents: {
    method: 'get',
    path: '/v1/audit-log',
    apiKey: 'any',
    token: 'audit:read',
    member: 'managers_and_auditors',
  },
  exportAuditLog: {
    method: 'get',
    path: '/v1/audit-log/export',
    apiKey: 'any',
    token: 'audit:read',
    member: 'managers_and_auditors',
    event: 'audit_log.exported',
  },
  getAuditEvent: {
    method: 'get',
    path: '/v1/audit-log/{id}',
    apiKey: 'any',
    token: 'audit:read',
    member: 'managers_and_auditors',
  },
  countAuditEvents: {
    method: 'get',
    path: '/v1/audit-log/histogram',
    apiKey: 'any',
    token: 'audit:read',
    member: 'managers_and_auditors',
  },
  streamAuditEvents: {
    method: 'get',
    path: '/v1/audit-log/stream',
    apiKey: 'any',
    token: 'audit:read',
    member: 'managers_and_auditors',
  },
  listIntrospectionRecords: {
    method: 'get',
    path: '/v1/audit-log/{id}/introspections',
    apiKey: 'any',
    token: 'audit:read',
    member: 'managers_and_auditors',
  },
  proveIntrospectionRecord: {
    method: 'get',
    path: '/v1/audit-log/{id}/introspections/{position}',
    apiKey: 'any',
    token: 'audit:read',
    member: 'managers_and_auditors',
  },
  proveAuditEvent: {
    method: 'get',
    path: '/v1/audit-log/{id}/proof',
    apiKey: 'any',
    token: 'audit:read',
    member: 'managers_and_auditors',
  },
  getCheckpoint: {
    method: 'get',
    path: '/logs/{workspace}/checkpoint',
    apiKey: 'any',
    token: 'audit:read',
    member: 'managers_and_auditors',
    open: 'if_tree_public',
  },
  getVerifierKey: {
    method: 'get',
    path: '/logs/{workspace}/key',
    apiKey: 'any',
    token: 'audit:read',
    member: 'managers_and_auditors',
    open: 'if_tree_public',
  },
  getHashTile: {
    method: 'get',
    path: '/logs/{workspace}/tile/{level}/{index}',
    apiKey: 'any',
    token: 'audit:read',
    member: 'managers_and_auditors',
    open: 'if_tree_public',
  },
  getEntries: {
    method: 'get',
    path: '/logs/{workspace}/tile/entries/{index}',
    apiKey: 'live',
    token: 'audit:read',
    member: 'managers_and_auditors',
  },
  erasePersonalData: {
    method: 'post',
    path: '/v1/audit-log/erasures',
    apiKey: 'never',
    token: 'never',
    member: 'managers',
    stepUp: true,
    event: 'personal_data.erased',
  },
  login: {
    method: 'post',
    path: '/v1/auth/login',
    apiKey: 'never',
    token: 'never',
    member: 'never',
    open: 'always',
    event: 'member.signed_in',
  },
  verifyTotp: {
    method: 'post',
    path: '/v1/auth/totp/verify',
    apiKey: 'never',
    token: 'never',
    member: 'never',
    open: 'always',
    event: 'member.signed_in',
  },
  stepUp: {
    method: 'post',
    path: '/v1/auth/step-up',
    apiKey: 'never',
    token: 'never',
    member: 'all',
    event: 'member.stepped_up',
  },
  changePassword: {
    method: 'post',
    path: '/v1/auth/password',
    apiKey: 'never',
    token: 'never',
    member: 'all',
    stepUp: true,
    event: 'member.password_changed',
  },
  getTotp: { method: 'get', path: '/v1/auth/totp', apiKey: 'never', token: 'never', member: 'all' },
  // Leaves an event when it is enabled: until then nothing has changed.
  startTotp: {
    method: 'post',
    path: '/v1/auth/totp',
    apiKey: 'never',
    token: 'never',
    member: 'all',
    stepUp: true,
  },
  enableTotp: {
    method: 'post',
    path: '/v1/auth/totp/enable',
    apiKey: 'never',
    token: 'never',
    member: 'all',
    stepUp: true,
    event: 'member.totp_enabled',
  },
  disableTotp: {
    method: 'delete',
    path: '/v1/auth/totp',
    apiKey: 'never',
    token: 'never',
    member: 'all',
    stepUp: true,
    event: 'member.totp_disabled',
  },
  replaceRecoveryCodes: {
    method: 'post',
    path: '/v1/auth/totp/recovery-codes',
    apiKey: 'never',
    token: 'never',
    member: 'all',
    stepUp: true,
    event: 'member.recovery_codes_created',
  },
  refreshSession: {
    method: 'post',
    path: '/v1/auth/refresh',
    apiKey: 'never',
    token: 'never',
    member: 'never',
    open: 'always',
  },
  signOut: {
    method: 'post',
    path: '/v1/auth/logout',
    apiKey: 'never',
    token: 'never',
    member: 'all',
    event: 'member.signed_out',
  },
  listSessions: { method: 'get', path: '/v1/auth/sessions', apiKey: 'never', token: 'never', member: 'all' },
  endAllSessions: {
    method: 'delete',
    path: '/v1/auth/sessions',
    apiKey: 'never',
    token: 'never',
    member: 'all',
    event: 'session.all_ended',
  },
  endSession: {
    method: 'delete',
    path: '/v1/auth/sessions/{id}',
    apiKey: 'never',
    token: 'never',
    member: 'all',
    event: 'session.ended',
  },
  endMemberSessions: {
    method: 'delete',
    path: '/v1/members/{id}/sessions',
    apiKey: 'never',
    token: 'never',
    member: 'managers',
    stepUp: true,
    event: 'session.all_ended',
  },
  listMembers: {
    method: 'get',
    path: '/v1/members',
    apiKey: 'never',
    token: 'never',
    member: 'managers',
  },
  createMember: {
    method: 'post',
    path: '/v1/members',
    apiKey: 'never',
    token: 'never',
    member: 'managers',
    stepUp: true,
    event: 'member.created',
  },
  inviteMember: {
    method: 'post',
    path: '/v1/members/invitations',
    apiKey: 'never',
    token: 'never',
    member: 'managers',
    stepUp: true,
    event: 'member.invited',
  },
  acceptInvitation: {
    method: 'post',
    path: '/v1/members/invitations/accept',
    apiKey: 'never',
    token: 'never',
    member: 'never',
    open: 'always',
    event: 'member.joined',
  },
  getMember: {
    method: 'get',
    path: '/v1/members/{id}',
    apiKey: 'never',
    token: 'never',
    member: 'managers',
  },
  updateMember: {
    method: 'patch',
    path: '/v1/members/{id}',
    apiKey: 'never',
    token: 'never',
    member: 'managers',
    stepUp: true,
    event: 'member.updated',
  },
  removeMember: {
    method: 'delete',
    path: '/v1/members/{id}',
    apiKey: 'never',
    token: 'never',
    member: 'managers',
    stepUp: true,
    event: 'member.removed',
  },
  inviteMemberAgain: {
    method: 'post',
    path: '/v1/members/{id}/invitation',
    apiKey: 'never',
    token: 'never',
    member: 'managers',
    stepUp: true,
    event: 'member.invited',
  },
  createPasswordReset: {
    method: 'post',
    path: '/v1/members/{id}/password-reset',
    apiKey: 'never',
    token: 'never',
    member: 'managers',
    stepUp: true,
    event: 'member.reset_link_created',
  },
  forgotPassword: {
    method: 'post',
    path: '/v1/auth/password/forgot',
    apiKey: 'never',
    token: 'never',
    member: 'never',
    open: 'always',
    event: 'member.password_forgotten',
  },
  resetPassword: {
    method: 'post',
    path: '/v1/auth/password/reset',
    apiKey: 'never',
    token: 'never',
    member: 'never',
    open: 'always',
    event: 'member.password_reset',
  },
  whoami: { method: 'get', path: '/v1/whoami', apiKey: 'any', token: 'any', member: 'all' },
} as const satisfies Record<string, OperationAccess>;

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

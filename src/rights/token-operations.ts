import type { Callers, OperationAccess } from './operation.ts';

const TOKEN_READERS = { apiKey: 'any', token: 'tokens:read', member: 'all' } as const satisfies Callers;
const TOKEN_WRITERS = { apiKey: 'any', token: 'tokens:write', member: 'all_but_auditors' } as const satisfies Callers;
/** For more than a token may ever decide. */
const TOKEN_MANAGERS = { apiKey: 'any', token: 'never', member: 'managers' } as const satisfies Callers;
const TOKEN_MANAGERS_PROVEN = { ...TOKEN_MANAGERS, stepUp: true } as const satisfies Callers;
/** For what belongs to both environments. */
const WORKSPACE = { apiKey: 'live', token: 'never', member: 'managers' } as const satisfies Callers;
const WORKSPACE_PROVEN = { ...WORKSPACE, stepUp: true } as const satisfies Callers;

/** Operations on tokens, and on what is there for them. */
export const TOKEN_OPERATIONS = {
  issueToken: { method: 'post', path: '/v1/tokens', ...TOKEN_WRITERS, event: 'token.created' },
  listTokens: { method: 'get', path: '/v1/tokens', ...TOKEN_READERS },
  getToken: { method: 'get', path: '/v1/tokens/{id}', ...TOKEN_READERS },
  updateToken: { method: 'patch', path: '/v1/tokens/{id}', ...TOKEN_WRITERS, event: 'token.updated' },
  deleteToken: { method: 'delete', path: '/v1/tokens/{id}', ...TOKEN_WRITERS, event: 'token.deleted' },
  rotateToken: { method: 'post', path: '/v1/tokens/{id}/rotate', ...TOKEN_WRITERS, event: 'token.rotated' },
  finishRotation: {
    method: 'post',
    path: '/v1/tokens/{id}/rotate/finish',
    ...TOKEN_WRITERS,
    event: 'token.rotation_finished',
  },
  revokeToken: { method: 'post', path: '/v1/tokens/{id}/revoke', ...TOKEN_WRITERS, event: 'token.revoked' },
  reassignToken: {
    method: 'post',
    path: '/v1/tokens/{id}/reassign',
    ...TOKEN_MANAGERS_PROVEN,
    event: 'token.reassigned',
  },
  listScopes: { method: 'get', path: '/v1/scopes', ...TOKEN_READERS },
  createScope: { method: 'post', path: '/v1/scopes', ...WORKSPACE, event: 'scope.created' },
  getScope: { method: 'get', path: '/v1/scopes/{name}', ...TOKEN_READERS },
  updateScope: { method: 'patch', path: '/v1/scopes/{name}', ...WORKSPACE, event: 'scope.updated' },
  deleteScope: { method: 'delete', path: '/v1/scopes/{name}', ...WORKSPACE, event: 'scope.deleted' },
  listRoles: { method: 'get', path: '/v1/roles', ...TOKEN_READERS },
  createRole: { method: 'post', path: '/v1/roles', ...WORKSPACE_PROVEN, event: 'role.created' },
  getRole: { method: 'get', path: '/v1/roles/{id}', ...TOKEN_READERS },
  updateRole: { method: 'patch', path: '/v1/roles/{id}', ...WORKSPACE_PROVEN, event: 'role.updated' },
  deleteRole: { method: 'delete', path: '/v1/roles/{id}', ...WORKSPACE_PROVEN, event: 'role.deleted' },
  listGroups: { method: 'get', path: '/v1/groups', ...TOKEN_READERS },
  createGroup: { method: 'post', path: '/v1/groups', ...WORKSPACE_PROVEN, event: 'group.created' },
  getGroup: { method: 'get', path: '/v1/groups/{id}', ...TOKEN_READERS },
  updateGroup: { method: 'patch', path: '/v1/groups/{id}', ...WORKSPACE_PROVEN, event: 'group.updated' },
  deleteGroup: { method: 'delete', path: '/v1/groups/{id}', ...WORKSPACE_PROVEN, event: 'group.deleted' },
  listProjects: { method: 'get', path: '/v1/projects', ...TOKEN_READERS },
  createProject: { method: 'post', path: '/v1/projects', ...WORKSPACE, event: 'project.created' },
  getProject: { method: 'get', path: '/v1/projects/{id}', ...TOKEN_READERS },
  updateProject: { method: 'patch', path: '/v1/projects/{id}', ...WORKSPACE, event: 'project.updated' },
  deleteProject: { method: 'delete', path: '/v1/projects/{id}', ...WORKSPACE, event: 'project.deleted' },
  revokeTokensOfProject: {
    method: 'post',
    path: '/v1/projects/{id}/revoke-tokens',
    ...TOKEN_MANAGERS_PROVEN,
    event: 'token.revoked',
  },
  getSettings: { method: 'get', path: '/v1/settings', ...TOKEN_MANAGERS },
  updateSettings: { method: 'patch', path: '/v1/settings', ...WORKSPACE_PROVEN, event: 'settings.updated' },
} as const satisfies Record<string, OperationAccess>;

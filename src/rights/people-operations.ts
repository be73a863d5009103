import type { Callers, OperationAccess } from './operation.ts';

/** What the request says is all that counts: a password, a link, a refresh token. */
const OPEN = { apiKey: 'never', token: 'never', member: 'never', open: 'always' } as const satisfies Callers;
/** Members about themselves. */
const SELF = { apiKey: 'never', token: 'never', member: 'all' } as const satisfies Callers;
const SELF_PROVEN = { ...SELF, stepUp: true } as const satisfies Callers;
const MANAGERS = { apiKey: 'never', token: 'never', member: 'managers' } as const satisfies Callers;
const MANAGERS_PROVEN = { ...MANAGERS, stepUp: true } as const satisfies Callers;

/** Operations of people: signing in, their own affairs, members, and API keys, which only people manage. */
export const PEOPLE_OPERATIONS = {
  listApiKeys: { method: 'get', path: '/v1/api-keys', ...MANAGERS },
  createApiKey: { method: 'post', path: '/v1/api-keys', ...MANAGERS_PROVEN, event: 'api_key.created' },
  getApiKey: { method: 'get', path: '/v1/api-keys/{id}', ...MANAGERS },
  regenerateApiKey: {
    method: 'post',
    path: '/v1/api-keys/{id}/regenerate',
    ...MANAGERS_PROVEN,
    event: 'api_key.regenerated',
  },
  deleteApiKey: { method: 'delete', path: '/v1/api-keys/{id}', ...MANAGERS, event: 'api_key.deleted' },
  login: { method: 'post', path: '/v1/auth/login', ...OPEN, event: 'member.signed_in' },
  verifyTotp: { method: 'post', path: '/v1/auth/totp/verify', ...OPEN, event: 'member.signed_in' },
  stepUp: { method: 'post', path: '/v1/auth/step-up', ...SELF, event: 'member.stepped_up' },
  changePassword: { method: 'post', path: '/v1/auth/password', ...SELF_PROVEN, event: 'member.password_changed' },
  getTotp: { method: 'get', path: '/v1/auth/totp', ...SELF },
  startTotp: { method: 'post', path: '/v1/auth/totp', ...SELF_PROVEN },
  enableTotp: { method: 'post', path: '/v1/auth/totp/enable', ...SELF_PROVEN, event: 'member.totp_enabled' },
  disableTotp: { method: 'delete', path: '/v1/auth/totp', ...SELF_PROVEN, event: 'member.totp_disabled' },
  replaceRecoveryCodes: {
    method: 'post',
    path: '/v1/auth/totp/recovery-codes',
    ...SELF_PROVEN,
    event: 'member.recovery_codes_created',
  },
  refreshSession: { method: 'post', path: '/v1/auth/refresh', ...OPEN },
  signOut: { method: 'post', path: '/v1/auth/logout', ...SELF, event: 'member.signed_out' },
  listSessions: { method: 'get', path: '/v1/auth/sessions', ...SELF },
  endAllSessions: { method: 'delete', path: '/v1/auth/sessions', ...SELF, event: 'session.all_ended' },
  endSession: { method: 'delete', path: '/v1/auth/sessions/{id}', ...SELF, event: 'session.ended' },
  endMemberSessions: {
    method: 'delete',
    path: '/v1/members/{id}/sessions',
    ...MANAGERS_PROVEN,
    event: 'session.all_ended',
  },
  listMembers: { method: 'get', path: '/v1/members', ...MANAGERS },
  createMember: { method: 'post', path: '/v1/members', ...MANAGERS_PROVEN, event: 'member.created' },
  inviteMember: { method: 'post', path: '/v1/members/invitations', ...MANAGERS_PROVEN, event: 'member.invited' },
  acceptInvitation: { method: 'post', path: '/v1/members/invitations/accept', ...OPEN, event: 'member.joined' },
  getMember: { method: 'get', path: '/v1/members/{id}', ...MANAGERS },
  updateMember: { method: 'patch', path: '/v1/members/{id}', ...MANAGERS_PROVEN, event: 'member.updated' },
  removeMember: { method: 'delete', path: '/v1/members/{id}', ...MANAGERS_PROVEN, event: 'member.removed' },
  inviteMemberAgain: {
    method: 'post',
    path: '/v1/members/{id}/invitation',
    ...MANAGERS_PROVEN,
    event: 'member.invited',
  },
  createPasswordReset: {
    method: 'post',
    path: '/v1/members/{id}/password-reset',
    ...MANAGERS_PROVEN,
    event: 'member.reset_link_created',
  },
  forgotPassword: { method: 'post', path: '/v1/auth/password/forgot', ...OPEN, event: 'member.password_forgotten' },
  resetPassword: { method: 'post', path: '/v1/auth/password/reset', ...OPEN, event: 'member.password_reset' },
  whoami: { method: 'get', path: '/v1/whoami', apiKey: 'any', token: 'any', member: 'all' },
} as const satisfies Record<string, OperationAccess>;

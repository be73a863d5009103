import type { Callers, OperationAccess } from './operation.ts';

const TOKEN_READERS = { apiKey: 'any', token: 'tokens:read', member: 'all' } as const satisfies Callers;
const AUDIT_READERS = {
  apiKey: 'any',
  token: 'audit:read',
  member: 'managers_and_auditors',
} as const satisfies Callers;
const TREE_READERS = { ...AUDIT_READERS, open: 'if_tree_public' } as const satisfies Callers;
const MANAGERS_PROVEN = {
  apiKey: 'never',
  token: 'never',
  member: 'managers',
  stepUp: true,
} as const satisfies Callers;

/** Operations on what is recorded: the audit log, its tree, usage and requests. */
export const RECORD_OPERATIONS = {
  listUsage: { method: 'get', path: '/v1/usage', ...TOKEN_READERS },
  listRequests: { method: 'get', path: '/v1/requests', ...AUDIT_READERS },
  listAuditEvents: { method: 'get', path: '/v1/audit-log', ...AUDIT_READERS },
  exportAuditLog: { method: 'get', path: '/v1/audit-log/export', ...AUDIT_READERS, event: 'audit_log.exported' },
  getAuditEvent: { method: 'get', path: '/v1/audit-log/{id}', ...AUDIT_READERS },
  countAuditEvents: { method: 'get', path: '/v1/audit-log/histogram', ...AUDIT_READERS },
  streamAuditEvents: { method: 'get', path: '/v1/audit-log/stream', ...AUDIT_READERS },
  listIntrospectionRecords: { method: 'get', path: '/v1/audit-log/{id}/introspections', ...AUDIT_READERS },
  proveIntrospectionRecord: { method: 'get', path: '/v1/audit-log/{id}/introspections/{position}', ...AUDIT_READERS },
  proveAuditEvent: { method: 'get', path: '/v1/audit-log/{id}/proof', ...AUDIT_READERS },
  getCheckpoint: { method: 'get', path: '/logs/{workspace}/checkpoint', ...TREE_READERS },
  getVerifierKey: { method: 'get', path: '/logs/{workspace}/key', ...TREE_READERS },
  getHashTile: { method: 'get', path: '/logs/{workspace}/tile/{level}/{index}', ...TREE_READERS },
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
    ...MANAGERS_PROVEN,
    event: 'personal_data.erased',
  },
} as const satisfies Record<string, OperationAccess>;

import type { ApiKeyPrincipal, TokenPrincipal } from '../../src/identity/principal.ts';
import type { Scope } from '../../src/identity/scopes.ts';
import type { ApiKeyRecord, TokenRecord } from '../../src/introspection/record.ts';
import type { ApiKeyId, TokenId, WorkspaceId } from '../../src/lib/ids.ts';

/** Records and callers to vary in tests of rules. */

const SUFFIX = '01kav3c4r8e0jbwn7sgm5zkqd';
export const WORKSPACE = `ws_${SUFFIX}1` as WorkspaceId;
export const OTHER_WORKSPACE = `ws_${SUFFIX}2` as WorkspaceId;

export const NOW = new Date('2027-01-31T12:00:00Z');

export function later(seconds: number): Date {
  return new Date(NOW.getTime() + seconds * 1000);
}

export const token: TokenRecord = {
  kind: 'token',
  id: `tkn_${SUFFIX}3` as TokenId,
  name: 'billing',
  workspaceId: WORKSPACE,
  environment: 'live',
  owner: null,
  role: null,
  projectId: null,
  recordsIntrospections: false,
  scopes: ['invoices:read' as Scope, 'invoices:write' as Scope],
  audience: null,
  metadata: {},
  allowedCidrs: null,
  notBefore: null,
  expiresAt: null,
  issuedAtSeconds: Math.floor(later(-1000).getTime() / 1000),
  createdBy: `key_${SUFFIX}4`,
  revokedAt: null,
  secret: 'current',
  previousSecretValidUntil: null,
  builtAnswer: undefined,
  isBuiltInOverlap: false,
};

export const apiKey: ApiKeyRecord = {
  kind: 'api_key',
  id: `key_${SUFFIX}4` as ApiKeyId,
  name: 'ci',
  workspaceId: WORKSPACE,
  environment: 'live',
  allowedCidrs: null,
  expiresAt: null,
  recordsIntrospections: false,
};

export const keyCaller: ApiKeyPrincipal = {
  kind: 'api_key',
  id: apiKey.id,
  name: 'ci',
  workspaceId: WORKSPACE,
  environment: 'live',
  expiresAt: null,
};

export const tokenCaller: TokenPrincipal = {
  kind: 'token',
  id: `tkn_${SUFFIX}5` as TokenId,
  name: 'gateway',
  workspaceId: WORKSPACE,
  environment: 'live',
  owner: null,
  projectId: null,
  scopes: ['tokens:introspect'],
  audience: null,
  allowedCidrs: null,
  notBefore: null,
  expiresAt: null,
  secret: 'current',
};

import { RESERVED_SCOPES } from '../identity/scopes.ts';

/** Where the keys are that sign access tokens. */
export const JWKS_PATH = '/.well-known/jwks.json';

/**
 * What `/.well-known/oauth-authorization-server` says (RFC 8414 §2). There is no authorization endpoint and no token
 * endpoint, hence the two empty lists: absent, they would mean that there are. Introspection may name access token types
 * beside client authentication methods (`Bearer`), revocation may not, though it takes the same credentials.
 */
export function serverMetadata(issuer: string): Record<string, unknown> {
  return {
    issuer,
    jwks_uri: `${issuer}${JWKS_PATH}`,
    response_types_supported: [],
    grant_types_supported: [],
    scopes_supported: RESERVED_SCOPES,
    introspection_endpoint: `${issuer}/v1/tokens/introspect`,
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'Bearer'],
    revocation_endpoint: `${issuer}/v1/tokens/revoke`,
    revocation_endpoint_auth_methods_supported: ['client_secret_basic'],
    service_documentation: `${issuer}/docs`,
  };
}

import { requestBytes } from './http-connection.ts';

const FORM = 'application/x-www-form-urlencoded';

/** What introspection of a good token is expected to say, whoever is asked. */
export const ACTIVE = { status: 200, text: '"active":true' };
export const INACTIVE = { status: 200, text: '{"active":false}' };

export function introspectionRequest(apiKey: string, token: string): Buffer {
  return requestBytes({
    method: 'POST',
    path: '/v1/tokens/introspect',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': FORM },
    body: `token=${token}`,
  });
}

/** The question in the words of a peer. */
export const PEER_REQUESTS = {
  'better-auth': (authorization: string, token: string) =>
    requestBytes({
      method: 'POST',
      path: '/introspect',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    }),
  // The hint saves it from looking for a refresh token.
  'oidc-provider': (authorization: string, token: string) =>
    requestBytes({
      method: 'POST',
      path: '/token/introspection',
      headers: { authorization, 'content-type': FORM },
      body: `token=${token}&token_type_hint=access_token`,
    }),
} as const;

import { z } from '@hono/zod-openapi';
import { JWKS_PATH } from '../../introspection/metadata.ts';
import type { Services } from '../../web/services.ts';
import type { Api } from '../api.ts';
import { jsonAnswer } from '../schemas.ts';

const jwkSet = z
  .object({
    keys: z.array(
      z.object({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        x: z.string(),
        kid: z.string().openapi({ description: 'The thumbprint of the key (RFC 7638).' }),
        use: z.literal('sig'),
        alg: z.literal('EdDSA'),
      }),
    ),
  })
  .openapi('JwkSet');

/** The keys by which others may verify access tokens. Whether a session goes on they tell nobody: Tooken itself does. */
export function mountJwks(api: Api, { accessTokens }: Pick<Services, 'accessTokens'>): void {
  api.openAPIRegistry.registerPath({
    operationId: 'jwks',
    method: 'get',
    path: JWKS_PATH,
    summary: 'The keys that sign access tokens (RFC 7517)',
    description:
      'A signature says who has signed in, and not that the session goes on: `GET /v1/whoami` with the token tells that.',
    tags: ['Service'],
    security: [],
    responses: { 200: jsonAnswer('The public keys, the one that signs first.', jwkSet) },
  });
  api.get(JWKS_PATH, (c) => {
    c.header('Cache-Control', `public, max-age=${MAX_AGE_SECONDS}`);
    return c.json(accessTokens.jwks());
  });
}

const MAX_AGE_SECONDS = 300;

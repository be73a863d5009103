import { z } from '@hono/zod-openapi';
import { ENVIRONMENTS } from '../../credentials/format.ts';
import { MAX_BATCH } from '../../introspection/parameters.ts';
import { OAUTH_OPERATIONS } from '../../rights/rights.ts';
import { idSchema } from '../../web/fields.ts';
import type { Api } from '../api.ts';
import { errorBody, instantOutput, jsonAnswer } from '../schemas.ts';

/**
 * What the reference says about the OAuth endpoints. They parse for themselves (introspection/parameters.ts); the tests
 * hold their answers against these schemas.
 */

const tokenParameters = {
  token: z.string().openapi({ format: 'password', description: 'The credential in question.', example: 'tkn_live_…' }),
  token_type_hint: z.string().optional().openapi({ description: 'Accepted; never narrows the search.' }),
};

const introspectionRequest = z
  .object({
    ...tokenParameters,
    required_scope: z
      .string()
      .optional()
      .openapi({ description: 'One scope: may the token do this?', example: 'invoices:read' }),
    client_ip: z
      .string()
      .optional()
      .openapi({ description: 'Where the token came to you from. A token with an address list is inactive without.' }),
  })
  .openapi('IntrospectionRequest');

const inactive = z.strictObject({ active: z.literal(false) }).openapi('InactiveToken');

const active = z
  .strictObject({
    active: z.literal(true),
    scope: z.string().optional().openapi({ description: 'Effective scopes, separated by spaces; absent without any.' }),
    client_id: z.string().openapi({ description: 'Id of who issued the token, or `system`.' }),
    sub: z
      .union([idSchema('tkn'), idSchema('usr')])
      .openapi({ description: 'Id of the member who owns the token, or of the token if nobody does.' }),
    username: z
      .string()
      .optional()
      .openapi({ description: 'Email address of the owner, or the name of one without; absent without owner.' }),
    token_type: z.literal('Bearer'),
    exp: z.int().optional().openapi({ description: 'Seconds since 1970; absent for a token that does not expire.' }),
    nbf: z.int().optional(),
    iat: z.int(),
    aud: z.string().optional(),
    iss: z.string(),
    jti: idSchema('tkn').openapi({ description: 'Id of the token; stays the same when it is rotated.' }),
    tooken: z.strictObject({
      workspace: idSchema('ws'),
      environment: z.enum(ENVIRONMENTS),
      name: z.string(),
      project: idSchema('prj').nullable(),
      owner: idSchema('usr').nullable().openapi({ description: 'The member whose rights the token never exceeds.' }),
      role: z.string().nullable().openapi({ description: 'Name of the role that the token carries.' }),
      groups: z
        .array(z.string())
        .openapi({ description: 'Names of the visibility groups of the owner, sorted.', example: ['emea'] }),
      metadata: z.record(z.string(), z.unknown()),
      secret: z.enum(['current', 'previous']).openapi({ description: 'Which secret of a rotated token this is.' }),
      previous_secret_valid_until: instantOutput
        .nullable()
        .openapi({ description: 'Until when the secret before the last rotation is good too; null if it is not.' }),
      authorized: z.boolean().optional().openapi({ description: 'The answer to `required_scope`.' }),
      missing_scope: z.string().optional(),
    }),
  })
  .openapi('ActiveToken');

export const introspectionBody = z.discriminatedUnion('active', [active, inactive]).openapi('Introspection');

const batchRequest = z
  .object({ requests: z.array(introspectionRequest).min(1).max(MAX_BATCH) })
  .openapi('IntrospectionBatchRequest');

export const batchBody = z.strictObject({ results: z.array(introspectionBody) }).openapi('IntrospectionBatch');

export const oauthError = z.strictObject({ error: z.string(), error_description: z.string() }).openapi('OAuthError');

const failures = {
  400: jsonAnswer('`invalid_request`: malformed, a parameter missing, given twice or not valid.', oauthError),
  401: jsonAnswer('No credential, or not a good one.', errorBody),
  405: jsonAnswer('`invalid_request`: not a POST request.', oauthError),
  413: jsonAnswer('`invalid_request`: the body is larger than 64 KiB.', oauthError),
  415: jsonAnswer('`invalid_request`: neither a form nor JSON.', oauthError),
  429: jsonAnswer('`rate_limited`: see `Retry-After`.', oauthError),
  500: jsonAnswer('`server_error`: the request id identifies it in the log.', oauthError),
  503: jsonAnswer('`temporarily_unavailable`: nobody can tell now. Never a verdict. See `Retry-After`.', oauthError),
};

export const metadataBody = z
  .strictObject({
    issuer: z.string(),
    jwks_uri: z.string(),
    response_types_supported: z.array(z.string()),
    grant_types_supported: z.array(z.string()),
    scopes_supported: z.array(z.string()),
    introspection_endpoint: z.string(),
    introspection_endpoint_auth_methods_supported: z.array(z.string()),
    revocation_endpoint: z.string(),
    revocation_endpoint_auth_methods_supported: z.array(z.string()),
    service_documentation: z.string(),
  })
  .openapi('ServerMetadata');

/** Adds the endpoints to the API's description. */
export function describeOauth({ openAPIRegistry }: Api): void {
  openAPIRegistry.registerPath({
    operationId: 'introspect',
    method: OAUTH_OPERATIONS.introspect.method,
    path: OAUTH_OPERATIONS.introspect.path,
    summary: 'What a token is good for (RFC 7662)',
    description: INTROSPECTION_TEXT,
    tags: ['Introspection'],
    request: formOrJson(introspectionRequest),
    responses: {
      200: jsonAnswer('The verdict.', introspectionBody),
      403: jsonAnswer('`insufficient_scope`: the calling token lacks `tokens:introspect`.', oauthError),
      ...failures,
    },
  });
  openAPIRegistry.registerPath({
    operationId: 'introspectBatch',
    method: OAUTH_OPERATIONS.introspectBatch.method,
    path: OAUTH_OPERATIONS.introspectBatch.path,
    summary: 'The same about many tokens',
    description: BATCH_TEXT,
    tags: ['Introspection'],
    request: { body: { required: true, content: { 'application/json': { schema: batchRequest } } } },
    responses: {
      200: jsonAnswer('The verdicts, in the order of the questions.', batchBody),
      403: jsonAnswer('`insufficient_scope`: the calling token lacks `tokens:introspect`.', oauthError),
      ...failures,
    },
  });
  openAPIRegistry.registerPath({
    operationId: 'revokeByValue',
    method: OAUTH_OPERATIONS.revokeByValue.method,
    path: OAUTH_OPERATIONS.revokeByValue.path,
    summary: 'Revoke a token by its value (RFC 7009)',
    description: REVOCATION_TEXT,
    tags: ['Introspection'],
    request: formOrJson(z.object(tokenParameters).openapi('RevocationRequest')),
    responses: { 200: { description: 'Revoked, or nothing to revoke. Empty.' }, ...failures },
  });
  openAPIRegistry.registerPath({
    operationId: 'serverMetadata',
    method: 'get',
    path: '/.well-known/oauth-authorization-server',
    summary: 'Where the OAuth endpoints are (RFC 8414)',
    tags: ['Service'],
    security: [],
    responses: { 200: jsonAnswer('The metadata.', metadataBody) },
  });
}

function formOrJson<Schema extends z.ZodType>(schema: Schema) {
  const content = { 'application/x-www-form-urlencoded': { schema }, 'application/json': { schema } };
  return { body: { required: true, content } };
}

const BATCH_TEXT = `Up to 100 questions, each answered as if it were asked alone, and each counted. All verdicts are of one
moment. A question that is malformed refuses the whole request and is named.`;

const INTROSPECTION_TEXT = `Whatever makes a token inactive, the answer is \`{"active":false}\`: unknown, malformed, expired,
not yet valid, revoked, of another workspace, environment or audience, used from an address that is not on its list, or
an API key. A calling token with an audience sees the tokens of that audience and those of none.

Beside Bearer and \`X-API-Key\` the caller may use Basic, with the id of its API key or token as user and the credential
as password. A token without \`tokens:introspect\` gets a 403, also about itself.`;

const REVOCATION_TEXT = `An API key revokes any token of its workspace and environment; a token with \`tokens:write\` those no wider
than itself; and any token itself. The answer is the same for a token that is revoked, was revoked, is unknown or is not
the caller's to revoke. The previous secret of a rotated token, while it is good, stands for the token.`;

import { z } from '@hono/zod-openapi';
import { idSchema } from '../web/fields.ts';
import { issueFields } from '../web/issue-fields.ts';
import { reassignFields, revokeFields, rotateFields, updateFields } from '../web/token-change-fields.ts';
import { tokenFilters } from '../web/token-filters.ts';
import { defineRoute } from './api.ts';
import { effectiveBody } from './effective.ts';
import { etagHeader, idempotencyHeaders, ifMatchHeaders } from './etag.ts';
import { instantOutput, jsonAnswer, jsonBody, pageOf } from './schemas.ts';
import { tokenBody } from './token-body.ts';

/** What the operations on tokens take and answer; their handlers are in routes/tokens.ts. */

const tags = ['Tokens'];
const params = z.object({ id: idSchema('tkn') });
const secret = z.string().openapi({
  format: 'password',
  description: 'The token itself. It is shown here and never again.',
  example: 'tkn_live_…',
});
const tokenAnswer = (description: string) => ({ ...jsonAnswer(description, tokenBody), headers: etagHeader });
const changedTokenBody = tokenBody.extend({ effective: effectiveBody }).openapi('ChangedToken');
const changedTokenAnswer = (description: string) => ({
  ...jsonAnswer(description, changedTokenBody),
  headers: etagHeader,
});

/** Neither scopes nor a role are required by themselves, but one of the two is. */
const ISSUE_EXAMPLE = { name: 'billing export', scopes: ['invoices:read', 'payments:write'] };

export const issueRoute = defineRoute('issueToken', {
  summary: 'Issue a token',
  description:
    'The secret is in this answer and nowhere else. A token that issues tokens can only issue what lies within its own scopes, owner, project, audience, addresses and lifetime, and gives no roles. Members without further access issue for themselves, within the roles they hold.',
  tags,
  request: { headers: idempotencyHeaders, ...jsonBody(issueFields.openapi('IssueToken', { example: ISSUE_EXAMPLE })) },
  responses: {
    201: {
      ...jsonAnswer('The token and its secret.', z.object({ token: tokenBody, secret }).openapi('IssuedToken')),
      headers: etagHeader,
    },
  },
});

export const listRoute = defineRoute('listTokens', {
  summary: 'List tokens',
  description:
    'Newest first. Filters add up. Members without further access, and their tokens, see their own tokens and no others.',
  tags,
  request: { query: tokenFilters },
  responses: { 200: jsonAnswer('A page of tokens.', pageOf(tokenBody).openapi('TokenPage')) },
});

export const getRoute = defineRoute('getToken', {
  summary: 'Get a token',
  tags,
  request: { params },
  responses: { 200: tokenAnswer('The token.') },
});

export const updateRoute = defineRoute('updateToken', {
  summary: 'Update a token',
  description:
    'Absent fields stay as they are, null clears. Environment, audience and not_before never change, and the owner by reassignment only. Roles are given by API keys and people, members without further access giving those they hold; tokens change projects by API keys, owners and admins. What is added has to be within the roles of the owner. Of a revoked or expired token only name, description and metadata can change. An update that changes nothing leaves no audit event.',
  tags,
  request: { params, headers: ifMatchHeaders, ...jsonBody(updateFields.openapi('UpdateToken')) },
  responses: { 200: changedTokenAnswer('The token as it is now.') },
});

export const deleteRoute = defineRoute('deleteToken', {
  summary: 'Delete a finished token',
  description: 'Removes a revoked or expired token from the list. Its audit events stay.',
  tags,
  request: { params },
  responses: { 204: { description: 'It is gone.' } },
});

const rotationBody = z
  .object({
    token: tokenBody,
    secret,
    previous: z.object({
      valid_until: instantOutput.openapi({ description: 'When the secret that was replaced stops working.' }),
    }),
    effective: effectiveBody,
  })
  .openapi('RotatedToken');

export const rotateRoute = defineRoute('rotateToken', {
  summary: 'Rotate a token',
  description:
    'A new secret under the same id. A token has at most two secrets: rotating during an overlap ends the oldest. A token that rotates another gets its secret, so it may belong to nobody only if the other does, and a role of the other has to be its own.',
  tags,
  request: { params, headers: idempotencyHeaders, ...jsonBody(rotateFields.openapi('RotateToken')) },
  responses: { 200: { ...jsonAnswer('The token and its new secret.', rotationBody), headers: etagHeader } },
});

export const finishRoute = defineRoute('finishRotation', {
  summary: 'End the overlap after a rotation',
  description:
    'The secret before the last rotation stops working now. `previous_secret_used_by` of the token says who would notice. Without an overlap nothing happens.',
  tags,
  request: { params },
  responses: { 200: changedTokenAnswer('The token.') },
});

export const revokeRoute = defineRoute('revokeToken', {
  summary: 'Revoke a token',
  description: 'Ends it for good. Repeating it is harmless: time, author and reason of the first revocation stay.',
  tags,
  request: { params, ...jsonBody(revokeFields.openapi('RevokeToken')) },
  responses: {
    200: {
      ...jsonAnswer(
        'The revoked token.',
        z
          .object({
            token: tokenBody,
            also_revoked: z.int().openapi({ description: 'How many others went with it.' }),
            effective: effectiveBody,
          })
          .openapi('RevokedToken'),
      ),
      headers: etagHeader,
    },
  },
});

export const reassignRoute = defineRoute('reassignToken', {
  summary: 'Give a token another owner',
  description:
    'Also a token whose owner was removed, which makes it work again. The token keeps the scopes and the role it was given: what the roles of the new owner do not grant is cut off, and what those of the old one did not comes back; `effective_scopes` in the answer is what is left. Its secret stays the same; rotate it if whoever had it must not have it any more.',
  tags,
  request: { params, ...jsonBody(reassignFields.openapi('ReassignToken')) },
  responses: { 200: changedTokenAnswer('The token as it is now.') },
});

import { z } from '@hono/zod-openapi';
import { createScope, describeScope, getScope, listScopes, removeScope } from '../../tokens/catalogue.ts';
import type { CataloguedScope } from '../../tokens/store/catalogue.ts';
import { cursorInput, limitInput } from '../../web/fields.ts';
import { changedScope, newScope } from '../../web/scope-fields.ts';
import type { Services } from '../../web/services.ts';
import { scopeInput } from '../../web/token-fields.ts';
import { type Api, defineRoute } from '../api.ts';
import { etagHeader, etagOf, expectedRevisions, idempotencyHeaders, ifMatchHeaders } from '../etag.ts';
import { answerOnce } from '../idempotency.ts';
import { instantOutput, jsonAnswer, jsonBody, pageOf } from '../schemas.ts';

const tags = ['Scopes'];
const params = z.object({ name: scopeInput });

const scopeBody = z
  .object({
    name: z.string().openapi({ example: 'invoices:write' }),
    description: z.string().nullable().openapi({ example: 'Create and change invoices' }),
    created_at: instantOutput,
    updated_at: instantOutput,
  })
  .openapi('Scope');

const scopeAnswer = (description: string) => ({ ...jsonAnswer(description, scopeBody), headers: etagHeader });

const createRoute = defineRoute('createScope', {
  summary: 'Add a scope to the catalogue',
  description:
    'A catalogued `write` makes the `read` of the same resource known as well. The reserved scopes need no entry.',
  tags,
  request: { headers: idempotencyHeaders, ...jsonBody(newScope.openapi('CreateScope')) },
  responses: { 201: scopeAnswer('The scope.') },
});

const listRoute = defineRoute('listScopes', {
  summary: 'List the catalogue',
  description: 'In the order of the names.',
  tags,
  request: { query: z.strictObject({ limit: limitInput, cursor: cursorInput }) },
  responses: { 200: jsonAnswer('A page of scopes.', pageOf(scopeBody).openapi('ScopePage')) },
});

const getRoute = defineRoute('getScope', {
  summary: 'Get a scope',
  tags,
  request: { params },
  responses: { 200: scopeAnswer('The scope.') },
});

const updateRoute = defineRoute('updateScope', {
  summary: 'Describe a scope',
  tags,
  request: { params, headers: ifMatchHeaders, ...jsonBody(changedScope.openapi('UpdateScope')) },
  responses: { 200: scopeAnswer('The scope as it is now.') },
});

const deleteRoute = defineRoute('deleteScope', {
  summary: 'Remove a scope from the catalogue',
  description: 'Tokens that have it keep it.',
  tags,
  request: { params },
  responses: { 204: { description: 'It is gone.' } },
});

export function mountScopes(api: Api, services: Services): void {
  api.openapi(createRoute, (c) =>
    answerOnce(c, services, {
      status: 201,
      perform: async (once) => ({
        made: await createScope(services, c.get('caller'), c.req.valid('json'), once),
        fresh: {},
      }),
      present: (scope: CataloguedScope) => ({ body: presentScope(scope), etag: etagOf(scope) }),
      subjectOf: () => null,
      repeat: async () => ({}),
    }),
  );

  api.openapi(listRoute, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const input = { limit, ...(cursor !== undefined && { cursor }) };
    const { items, nextCursor } = await listScopes(services, c.get('caller'), input);
    return c.json({ data: items.map(presentScope), next_cursor: nextCursor }, 200);
  });

  api.openapi(getRoute, async (c) => {
    const scope = await getScope(services, c.get('caller'), c.req.valid('param').name);
    c.header('ETag', etagOf(scope));
    return c.json(presentScope(scope), 200);
  });

  api.openapi(updateRoute, async (c) => {
    const { name } = c.req.valid('param');
    const { description } = c.req.valid('json');
    const expected = expectedRevisions(c.req.header('if-match'));
    const scope = await describeScope(services, c.get('caller'), name, description, expected);
    c.header('ETag', etagOf(scope));
    return c.json(presentScope(scope), 200);
  });

  api.openapi(deleteRoute, async (c) => {
    await removeScope(services, c.get('caller'), c.req.valid('param').name);
    return c.body(null, 204);
  });
}

function presentScope({ name, description, createdAt, updatedAt }: CataloguedScope): z.output<typeof scopeBody> {
  return { name, description, created_at: createdAt.toISOString(), updated_at: updatedAt.toISOString() };
}

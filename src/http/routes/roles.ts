import { z } from '@hono/zod-openapi';
import { ROLE, type Role } from '../../identity/named/kind.ts';
import { getNamed } from '../../identity/named/list.ts';
import { effectiveScopes } from '../../identity/scopes.ts';
import type { RoleId } from '../../lib/ids.ts';
import { changeRole, createRole } from '../../tokens/roles/change.ts';
import { deleteRole } from '../../tokens/roles/delete.ts';
import { idSchema } from '../../web/fields.ts';
import { changedRole, namedListQuery, newRole } from '../../web/named-fields.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { effectiveBody, presentEffective } from '../effective.ts';
import { expectedRevisions, idempotencyHeaders, ifMatchHeaders } from '../etag.ts';
import { answerOnce } from '../idempotency.ts';
import { answerItem, answerPage, creation, givenOf, namedAnswer, namedFields, presentNamed } from '../named-body.ts';
import { jsonAnswer, jsonBody, pageOf } from '../schemas.ts';

const tags = ['Roles'];
const params = z.object({ id: idSchema('role') });

const roleBody = z
  .object({
    ...namedFields('role', { name: 'billing', description: 'Whoever writes invoices' }),
    scopes: z.array(z.string()).openapi({ description: 'As granted.', example: ['invoices:write'] }),
    effective_scopes: z
      .array(z.string())
      .openapi({ description: 'With implied reads.', example: ['invoices:read', 'invoices:write'] }),
  })
  .openapi('Role');

const createRoute = defineRoute('createRole', {
  summary: 'Create a role',
  description: 'A named set of scopes, for tokens to carry and members to hold.',
  tags,
  request: {
    headers: idempotencyHeaders,
    ...jsonBody(newRole.openapi('CreateRole')),
  },
  responses: { 201: namedAnswer('The role.', roleBody) },
});

const listRoute = defineRoute('listRoles', {
  summary: 'List roles',
  description: 'Newest first.',
  tags,
  request: { query: namedListQuery },
  responses: { 200: jsonAnswer('A page of roles.', pageOf(roleBody).openapi('RolePage')) },
});

const getRoute = defineRoute('getRole', {
  summary: 'Get a role',
  tags,
  request: { params },
  responses: { 200: namedAnswer('The role.', roleBody) },
});

const updateRoute = defineRoute('updateRole', {
  summary: 'Change a role',
  description:
    'What its tokens and the tokens of its members can do changes with it, everywhere by the time this answers. Absent fields stay as they are. Scopes that the role has already it may keep, also where the catalogue does not have them any more.',
  tags,
  request: {
    params,
    headers: ifMatchHeaders,
    ...jsonBody(changedRole.openapi('UpdateRole')),
  },
  responses: {
    200: namedAnswer('The role as it is now.', roleBody.extend({ effective: effectiveBody }).openapi('ChangedRole')),
  },
});

const deleteRoute = defineRoute('deleteRole', {
  summary: 'Delete a role',
  description:
    'Refused while tokens carry it that are neither revoked nor expired, or while members hold it. Finished tokens lose it.',
  tags,
  request: { params },
  responses: { 204: { description: 'It is gone.' } },
});

export function mountRoles(api: Api, services: Services): void {
  api.openapi(createRoute, (c) =>
    answerOnce(
      c,
      services,
      creation((once) => createRole(services, c.get('caller'), c.req.valid('json'), once), presentRole),
    ),
  );

  api.openapi(listRoute, (c) => answerPage(c, services, ROLE, c.req.valid('query'), presentRole));

  api.openapi(getRoute, async (c) => {
    const role = await getNamed(services, c.get('caller'), ROLE, c.req.valid('param').id as RoleId);
    return answerItem(c, role, presentRole(role));
  });

  api.openapi(updateRoute, async (c) => {
    const id = c.req.valid('param').id as RoleId;
    const expected = expectedRevisions(c.req.header('if-match'));
    const input = givenOf(c.req.valid('json'));
    const { role, effective } = await changeRole(services, c.get('caller'), id, input, expected);
    return answerItem(c, role, { ...presentRole(role), effective: presentEffective(effective) });
  });

  api.openapi(deleteRoute, async (c) => {
    await deleteRole(services, c.get('caller'), c.req.valid('param').id as RoleId);
    return c.body(null, 204);
  });
}

function presentRole(role: Role): z.output<typeof roleBody> {
  return { ...presentNamed(role), scopes: [...role.scopes], effective_scopes: effectiveScopes(role.scopes) };
}

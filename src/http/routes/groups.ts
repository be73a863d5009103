import { z } from '@hono/zod-openapi';
import { changeGroup } from '../../identity/groups/change.ts';
import { deleteGroup } from '../../identity/groups/delete.ts';
import { createNamed } from '../../identity/named/create.ts';
import { GROUP } from '../../identity/named/kind.ts';
import { getNamed } from '../../identity/named/list.ts';
import type { GroupId } from '../../lib/ids.ts';
import { idSchema } from '../../web/fields.ts';
import { changedGroup, namedListQuery, newGroup } from '../../web/named-fields.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { effectiveBody, presentEffective } from '../effective.ts';
import { expectedRevisions, idempotencyHeaders, ifMatchHeaders } from '../etag.ts';
import { answerOnce } from '../idempotency.ts';
import { answerItem, answerPage, creation, givenOf, namedAnswer, namedFields, presentNamed } from '../named-body.ts';
import { jsonAnswer, jsonBody, pageOf } from '../schemas.ts';

const tags = ['Groups'];
const params = z.object({ id: idSchema('grp') });

const groupBody = z
  .object(namedFields('grp', { name: 'north', description: 'Whoever may see the north' }))
  .openapi('Group');

const createRoute = defineRoute('createGroup', {
  summary: 'Create a visibility group',
  description:
    'Services that introspect a token are told the groups of the member who owns it. PATCH /v1/members/{id} puts members in.',
  tags,
  request: {
    headers: idempotencyHeaders,
    ...jsonBody(newGroup.openapi('CreateGroup')),
  },
  responses: { 201: namedAnswer('The group.', groupBody) },
});

const listRoute = defineRoute('listGroups', {
  summary: 'List visibility groups',
  description: 'Newest first.',
  tags,
  request: { query: namedListQuery },
  responses: { 200: jsonAnswer('A page of groups.', pageOf(groupBody).openapi('GroupPage')) },
});

const getRoute = defineRoute('getGroup', {
  summary: 'Get a visibility group',
  tags,
  request: { params },
  responses: { 200: namedAnswer('The group.', groupBody) },
});

const updateRoute = defineRoute('updateGroup', {
  summary: 'Change a visibility group',
  description: 'By the time this answers, its members are told of by its new name everywhere.',
  tags,
  request: {
    params,
    headers: ifMatchHeaders,
    ...jsonBody(changedGroup.openapi('UpdateGroup')),
  },
  responses: {
    200: namedAnswer('The group as it is now.', groupBody.extend({ effective: effectiveBody }).openapi('ChangedGroup')),
  },
});

const deleteRoute = defineRoute('deleteGroup', {
  summary: 'Delete a visibility group',
  description: 'Its members are in it no more, everywhere by the time this answers.',
  tags,
  request: { params },
  responses: {
    200: jsonAnswer(
      'It is gone.',
      z
        .object({
          members_left: z.int().openapi({ description: 'How many members were in it.', example: 3 }),
          effective: effectiveBody,
        })
        .openapi('DeletedGroup'),
    ),
  },
});

export function mountGroups(api: Api, services: Services): void {
  api.openapi(createRoute, (c) =>
    answerOnce(
      c,
      services,
      creation((once) => createNamed(services, c.get('caller'), GROUP, c.req.valid('json'), { once }), presentNamed),
    ),
  );

  api.openapi(listRoute, (c) => answerPage(c, services, GROUP, c.req.valid('query'), presentNamed));

  api.openapi(getRoute, async (c) => {
    const group = await getNamed(services, c.get('caller'), GROUP, c.req.valid('param').id as GroupId);
    return answerItem(c, group, presentNamed(group));
  });

  api.openapi(updateRoute, async (c) => {
    const id = c.req.valid('param').id as GroupId;
    const expected = expectedRevisions(c.req.header('if-match'));
    const input = givenOf(c.req.valid('json'));
    const { group, effective } = await changeGroup(services, c.get('caller'), id, input, expected);
    return answerItem(c, group, { ...presentNamed(group), effective: presentEffective(effective) });
  });

  api.openapi(deleteRoute, async (c) => {
    const id = c.req.valid('param').id as GroupId;
    const { memberCount, effective } = await deleteGroup(services, c.get('caller'), id);
    return c.json({ members_left: memberCount, effective: presentEffective(effective) }, 200);
  });
}

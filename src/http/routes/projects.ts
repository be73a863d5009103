import { z } from '@hono/zod-openapi';
import { createNamed } from '../../identity/named/create.ts';
import { PROJECT } from '../../identity/named/kind.ts';
import { getNamed } from '../../identity/named/list.ts';
import type { ProjectId } from '../../lib/ids.ts';
import { changeProject } from '../../tokens/projects/change.ts';
import { deleteProject } from '../../tokens/projects/delete.ts';
import { revokeTokensOfProject } from '../../tokens/projects/revoke-tokens.ts';
import { idSchema } from '../../web/fields.ts';
import { namedListQuery } from '../../web/named-fields.ts';
import { changedProject, newProject, projectRevocation } from '../../web/project-fields.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { effectiveBody, presentEffective } from '../effective.ts';
import { expectedRevisions, idempotencyHeaders, ifMatchHeaders } from '../etag.ts';
import { answerOnce } from '../idempotency.ts';
import { answerItem, answerPage, creation, givenOf, namedAnswer, namedFields, presentNamed } from '../named-body.ts';
import { jsonAnswer, jsonBody, pageOf } from '../schemas.ts';

const tags = ['Projects'];
const params = z.object({ id: idSchema('prj') });

const projectBody = z
  .object(namedFields('prj', { name: 'Mobile app', description: 'Everything that the app calls' }))
  .openapi('Project');

const createRoute = defineRoute('createProject', {
  summary: 'Create a project',
  description: 'A group of tokens, which can be listed and revoked together. It may have any number of them.',
  tags,
  request: {
    headers: idempotencyHeaders,
    ...jsonBody(newProject.openapi('CreateProject')),
  },
  responses: { 201: namedAnswer('The project.', projectBody) },
});

const listRoute = defineRoute('listProjects', {
  summary: 'List projects',
  description: 'Newest first.',
  tags,
  request: { query: namedListQuery },
  responses: { 200: jsonAnswer('A page of projects.', pageOf(projectBody).openapi('ProjectPage')) },
});

const getRoute = defineRoute('getProject', {
  summary: 'Get a project',
  tags,
  request: { params },
  responses: { 200: namedAnswer('The project.', projectBody) },
});

const updateRoute = defineRoute('updateProject', {
  summary: 'Change a project',
  tags,
  request: {
    params,
    headers: ifMatchHeaders,
    ...jsonBody(changedProject.openapi('UpdateProject')),
  },
  responses: { 200: namedAnswer('The project as it is now.', projectBody) },
});

const deleteRoute = defineRoute('deleteProject', {
  summary: 'Delete a project',
  description:
    'Refused while it has tokens, of either environment, that are neither revoked nor expired. Finished tokens lose it.',
  tags,
  request: { params },
  responses: { 204: { description: 'It is gone.' } },
});

const revokeRoute = defineRoute('revokeTokensOfProject', {
  summary: 'Revoke the tokens of a project',
  description:
    "Ends every live token of the project in the caller's environment for good, also those that are issued into it while this is at work. Of many tokens some may be revoked when a call fails; repeating it goes on from there, and is harmless.",
  tags,
  request: { params, ...jsonBody(projectRevocation.openapi('RevokeTokensOfProject')) },
  responses: {
    200: jsonAnswer(
      'None is left.',
      z
        .object({
          revoked: z.int().openapi({ description: 'How many tokens this call has revoked.', example: 42 }),
          effective: effectiveBody,
        })
        .openapi('RevokedTokensOfProject'),
    ),
  },
});

export function mountProjects(api: Api, services: Services): void {
  api.openapi(createRoute, (c) =>
    answerOnce(
      c,
      services,
      creation((once) => createNamed(services, c.get('caller'), PROJECT, c.req.valid('json'), { once }), presentNamed),
    ),
  );

  api.openapi(listRoute, (c) => answerPage(c, services, PROJECT, c.req.valid('query'), presentNamed));

  api.openapi(getRoute, async (c) => {
    const project = await getNamed(services, c.get('caller'), PROJECT, c.req.valid('param').id as ProjectId);
    return answerItem(c, project, presentNamed(project));
  });

  api.openapi(updateRoute, async (c) => {
    const id = c.req.valid('param').id as ProjectId;
    const expected = expectedRevisions(c.req.header('if-match'));
    const project = await changeProject(services, c.get('caller'), id, givenOf(c.req.valid('json')), expected);
    return answerItem(c, project, presentNamed(project));
  });

  api.openapi(deleteRoute, async (c) => {
    await deleteProject(services, c.get('caller'), c.req.valid('param').id as ProjectId);
    return c.body(null, 204);
  });

  api.openapi(revokeRoute, async (c) => {
    const id = c.req.valid('param').id as ProjectId;
    const { reason } = c.req.valid('json');
    const { revoked, effective } = await revokeTokensOfProject(services, c.get('caller'), id, reason);
    return c.json({ revoked, effective: presentEffective(effective) }, 200);
  });
}

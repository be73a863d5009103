import { z } from '@hono/zod-openapi';
import { changeMember } from '../../identity/members/change.ts';
import { createMember } from '../../identity/members/create.ts';
import { getMember, listMembers } from '../../identity/members/list.ts';
import type { Member } from '../../identity/members/member.ts';
import { removeMember } from '../../identity/members/remove.ts';
import type { GroupId, MemberId, RoleId } from '../../lib/ids.ts';
import { idSchema } from '../../web/fields.ts';
import { createMemberBody, memberListQuery, updateMemberBody } from '../../web/member-fields.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { effectiveBody, presentEffective } from '../effective.ts';
import { etagHeader, etagOf, expectedRevisions, idempotencyHeaders, ifMatchHeaders } from '../etag.ts';
import { answerOnce } from '../idempotency.ts';
import { memberBody, presentMember } from '../member-body.ts';
import { jsonAnswer, jsonBody, pageOf } from '../schemas.ts';

const tags = ['Members'];
const params = z.object({ id: idSchema('usr') });

const memberAnswer = (description: string) => ({ ...jsonAnswer(description, memberBody), headers: etagHeader });

const listRoute = defineRoute('listMembers', {
  summary: 'List members',
  description: 'Newest first. Those that were removed are left out unless you ask for that status.',
  tags,
  request: {
    query: memberListQuery,
  },
  responses: { 200: jsonAnswer('A page of members.', pageOf(memberBody).openapi('MemberPage')) },
});

const getRoute = defineRoute('getMember', {
  summary: 'Get a member',
  description: 'Removed ones too: of those the name is left.',
  tags,
  request: { params },
  responses: { 200: memberAnswer('The member.') },
});

const createRoute = defineRoute('createMember', {
  summary: 'Make a member that cannot sign in',
  description:
    'The account of an integration: it owns tokens that you issue for it. People are invited with POST /v1/members/invitations.',
  tags,
  request: { headers: idempotencyHeaders, ...jsonBody(createMemberBody.openapi('CreateMember')) },
  responses: { 201: memberAnswer('The member.') },
});

const updateRoute = defineRoute('updateMember', {
  summary: 'Change a member',
  description: `What it and its tokens may do changes with it, everywhere by the time this answers; its sessions go on. Absent
fields stay as they are; \`roles\` and \`groups\` take the place of all there were. Another email kills a link that was sent
to the one before, which is told of the change if there is a mail server. So does becoming an owner; and whoever manages less
than before, the links that it has made. Only owners change owners; the last owner who can sign in stays one.`,
  tags,
  request: { params, headers: ifMatchHeaders, ...jsonBody(updateMemberBody.openapi('UpdateMember')) },
  responses: {
    200: {
      ...jsonAnswer(
        'The member as it is now.',
        memberBody.extend({ effective: effectiveBody }).openapi('ChangedMember'),
      ),
      headers: etagHeader,
    },
  },
});

const removeRoute = defineRoute('removeMember', {
  summary: 'Remove a member',
  description: `Its sessions, the tokens it owns and the links it has made are dead everywhere by the time this answers. The tokens are
not revoked: they come back to life for another owner with POST /v1/tokens/{id}/reassign. Removing it again changes nothing.
Only owners remove owners, and not the last one who can sign in.`,
  tags,
  request: { params },
  responses: {
    200: jsonAnswer(
      'What is left of the member.',
      z.object({ member: memberBody, effective: effectiveBody }).openapi('RemovedMember'),
    ),
  },
});

export function mountMembers(api: Api, services: Services): void {
  mountReads(api, services);

  api.openapi(createRoute, (c) => {
    const { name, roles, groups } = c.req.valid('json');
    return answerOnce(c, services, {
      status: 201,
      perform: async (once) => ({
        made: await createMember(services, c.get('caller'), { name, roles, groups }, once),
        fresh: {},
      }),
      present: (member: Member) => ({ body: presentMember(member), etag: etagOf(member) }),
      subjectOf: () => null,
      repeat: async () => ({}),
    });
  });

  api.openapi(updateRoute, async (c) => {
    const id = c.req.valid('param').id as MemberId;
    const expected = expectedRevisions(c.req.header('if-match'));
    const { member, effective } = await changeMember(services, c.get('caller'), id, c.req.valid('json'), expected);
    c.header('ETag', etagOf(member));
    return c.json({ ...presentMember(member), effective: presentEffective(effective) }, 200);
  });

  api.openapi(removeRoute, async (c) => {
    const { member, effective } = await removeMember(services, c.get('caller'), c.req.valid('param').id as MemberId);
    return c.json({ member: presentMember(member), effective: presentEffective(effective) }, 200);
  });
}

function mountReads(api: Api, services: Services): void {
  api.openapi(listRoute, async (c) => {
    const { q, role, group, ...rest } = c.req.valid('query');
    const filters = { ...rest, text: q, role: role as RoleId | undefined, group: group as GroupId | undefined };
    const { items, nextCursor } = await listMembers(services, c.get('caller'), filters);
    return c.json({ data: items.map(presentMember), next_cursor: nextCursor }, 200);
  });

  api.openapi(getRoute, async (c) => {
    const member = await getMember(services, c.get('caller'), c.req.valid('param').id as MemberId);
    c.header('ETag', etagOf(member));
    return c.json(presentMember(member), 200);
  });
}

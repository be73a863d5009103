import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Once } from '../../credentials/idempotency.ts';
import { inviteAgain, inviteMember, type MemberWithLink } from '../../identity/members/invite.ts';
import { acceptInvitation } from '../../identity/members/join.ts';
import { getManaged } from '../../identity/members/list.ts';
import { createResetLink } from '../../identity/members/reset.ts';
import { idFromUuid, idToUuid, type MemberId } from '../../lib/ids.ts';
import { idSchema } from '../../web/fields.ts';
import { emailInput, inviteMemberBody, memberNameInput } from '../../web/member-fields.ts';
import { newPasswordInput } from '../../web/proof-fields.ts';
import type { Services } from '../../web/services.ts';
import { linkTokenInput } from '../../web/sign-in-fields.ts';
import { type Api, type ApiEnv, defineRoute } from '../api.ts';
import { etagOf, idempotencyHeaders } from '../etag.ts';
import { answerOnce } from '../idempotency.ts';
import { refusedLinkAnswer } from '../link-input.ts';
import { chosenFields, memberWithLinkAnswer, presentChosen, presentWithLink } from '../member-body.ts';
import { slowFailures } from '../proof.ts';
import { jsonAnswer, jsonBody } from '../schemas.ts';

const tags = ['Members'];
const params = z.object({ id: idSchema('usr') });

const inviteRoute = defineRoute('inviteMember', {
  summary: 'Invite somebody',
  description: `Makes a member, and a link by which that person joins: it works once, for 72 hours. It is in this answer, and in a
mail to the person where there is a mail server. Only owners invite owners.`,
  tags,
  request: { headers: idempotencyHeaders, ...jsonBody(inviteMemberBody.openapi('InviteMember')) },
  responses: { 201: memberWithLinkAnswer('The member and the link.') },
});

const againRoute = defineRoute('inviteMemberAgain', {
  summary: 'Invite once more',
  description: 'A new link for somebody who has not joined yet. The one before is dead.',
  tags,
  request: { params, headers: idempotencyHeaders },
  responses: { 201: memberWithLinkAnswer('The member and the new link.') },
});

const resetRoute = defineRoute('createPasswordReset', {
  summary: 'Help a member who is locked out',
  description: `Makes a link by which the member sets a new password: it works once, for 72 hours, and links before it are dead. It is
in this answer, and in a mail to the member where there is a mail server. A second factor stays on. Only owners make one for an
owner; operators can with \`tooken members reset\`.`,
  tags,
  request: { params, headers: idempotencyHeaders },
  responses: { 201: memberWithLinkAnswer('The member and the link.') },
});

const acceptBody = z.strictObject({
  token: linkTokenInput,
  password: newPasswordInput,
  name: memberNameInput
    .optional()
    .openapi({ description: 'What to be called; as the invitation has it unless given.' }),
  email: emailInput.optional().openapi({ description: 'Only for the first owner, who is set up without one.' }),
});

const acceptRoute = defineRoute('acceptInvitation', {
  summary: 'Accept an invitation',
  description: `Sets your password and uses the link up. Then sign in with POST /v1/auth/login. What is wrong with the other fields
is refused first and leaves the link as it was.`,
  tags,
  request: jsonBody(acceptBody.openapi('AcceptInvitation')),
  responses: {
    200: jsonAnswer('You have joined.', z.object(chosenFields).openapi('AcceptedInvitation')),
    401: refusedLinkAnswer,
  },
});

export function mountInvitations(api: Api, services: Services): void {
  api.openapi(inviteRoute, (c) =>
    answerLink(c, services, (once) => inviteMember(services, c.get('caller'), c.req.valid('json'), once)),
  );

  api.openapi(againRoute, (c) =>
    answerLink(c, services, (once) =>
      inviteAgain(services, c.get('caller'), c.req.valid('param').id as MemberId, once),
    ),
  );

  api.openapi(resetRoute, (c) =>
    answerLink(c, services, (once) =>
      createResetLink(services, c.get('caller'), c.req.valid('param').id as MemberId, {}, once),
    ),
  );

  api.openapi(acceptRoute, async (c) => {
    const accepting = acceptInvitation(services, c.get('origin'), c.req.valid('json'));
    return c.json(presentChosen(await slowFailures(c, services, accepting)), 200);
  });
}

/** A link is repeated to who may still have it: somebody who managed owners may do so no more. */
function answerLink(
  c: Context<ApiEnv>,
  services: Services,
  make: (once: Once<MemberWithLink> | undefined) => Promise<MemberWithLink>,
) {
  return answerOnce(c, services, {
    status: 201,
    perform: async (once) => ({ made: await make(once), fresh: {} }),
    present: (made: MemberWithLink) => ({ body: presentWithLink(made), etag: etagOf(made.member) }),
    subjectOf: ({ member }) => idToUuid(member.id),
    repeat: async (uuid) => {
      if (uuid !== null) await getManaged(services, c.get('caller'), idFromUuid('usr', uuid));
      return {};
    },
  });
}

import { z } from '@hono/zod-openapi';
import { ACCESS_LEVELS } from '../identity/access-level.ts';
import type { Link } from '../identity/links/link.ts';
import type { MemberWithLink } from '../identity/members/invite.ts';
import { MEMBER_STATUSES, type Member } from '../identity/members/member.ts';
import { idSchema } from '../web/fields.ts';
import { etagHeader } from './etag.ts';
import { instantOutput, jsonAnswer } from './schemas.ts';

/** What the routes about members have in common in answers. */

export const memberBody = z
  .object({
    id: idSchema('usr'),
    name: z.string().openapi({ example: 'Ada Lovelace' }),
    email: z.string().nullable().openapi({ example: 'ada@example.com' }),
    access: z.enum(ACCESS_LEVELS),
    status: z.enum(MEMBER_STATUSES).openapi({ description: '`invited` until the link is used.' }),
    can_sign_in: z.boolean().openapi({ description: 'False for an account that only owns tokens.' }),
    totp_enabled: z.boolean().openapi({ description: 'Whether signing in takes a second factor.' }),
    roles: z.array(z.object({ id: idSchema('role'), name: z.string() })),
    groups: z.array(z.object({ id: idSchema('grp'), name: z.string() })),
    last_signed_in_at: instantOutput.nullable(),
    created_at: instantOutput,
    created_by: z.string().openapi({
      description: 'Id of the member who invited or made it, or `system`.',
      example: 'usr_01kav3c4r8e0jbwn7sgm5zkqd2',
    }),
    joined_at: instantOutput.nullable(),
    removed_at: instantOutput.nullable(),
  })
  .openapi('Member');

const linkBody = z
  .object({
    url: z.string().openapi({
      format: 'password',
      description:
        'Give it to that person alone: whoever opens it first chooses the password. It is shown here and never again.',
      example: 'https://tooken.example.com/link#tokl_…',
    }),
    expires_at: instantOutput.openapi({ description: 'It works once, until then, or until a newer one is made.' }),
  })
  .openapi('Link');

const memberWithLinkBody = z.object({ member: memberBody, link: linkBody }).openapi('MemberWithLink');

export const memberWithLinkAnswer = (description: string) => ({
  ...jsonAnswer(description, memberWithLinkBody),
  headers: etagHeader,
});

/** Whose password was chosen by a link, as its holder is told: enough to sign in with. */
export const chosenFields = {
  member: z.object({
    id: idSchema('usr'),
    name: z.string().openapi({ example: 'Ada Lovelace' }),
    email: z.string().nullable().openapi({ example: 'ada@example.com' }),
    access: z.enum(ACCESS_LEVELS),
  }),
  workspace: z
    .object({ id: idSchema('ws'), name: z.string().openapi({ example: 'default' }) })
    .openapi({ description: 'Where to sign in: POST /v1/auth/login takes either as `workspace`.' }),
};

export function presentMember(member: Member): z.output<typeof memberBody> {
  const { id, name, email, access, status, canSignIn, hasTotp, roles, groups, createdBy } = member;
  return {
    id,
    name,
    email,
    access,
    status,
    can_sign_in: canSignIn,
    totp_enabled: hasTotp,
    roles: roles.map((role) => ({ id: role.id, name: role.name })),
    groups: groups.map((group) => ({ id: group.id, name: group.name })),
    last_signed_in_at: member.lastSignedInAt?.toISOString() ?? null,
    created_at: member.createdAt.toISOString(),
    created_by: createdBy,
    joined_at: member.joinedAt?.toISOString() ?? null,
    removed_at: member.removedAt?.toISOString() ?? null,
  };
}

export function presentWithLink({ member, link }: MemberWithLink): z.output<typeof memberWithLinkBody> {
  return { member: presentMember(member), link: presentLink(link) };
}

function presentLink({ url, expiresAt }: Link): z.output<typeof linkBody> {
  return { url, expires_at: expiresAt.toISOString() };
}

export function presentChosen({
  member: { id, name, email, access, workspaceId },
  workspaceName,
}: {
  readonly member: Member;
  readonly workspaceName: string;
}) {
  return { member: { id, name, email, access }, workspace: { id: workspaceId, name: workspaceName } };
}

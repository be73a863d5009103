import { z } from '@hono/zod-openapi';
import { ACCESS_LEVELS } from '../identity/access-level.ts';
import { MAX_GROUPINGS } from '../identity/members/grouping.ts';
import { MEMBER_STATUSES } from '../identity/members/member.ts';
import type { GroupId, RoleId } from '../lib/ids.ts';
import { cursorInput, idSchema, limitInput, nameInput } from './fields.ts';

/** Fields of requests about members. */

const accessInput = z.enum(ACCESS_LEVELS).openapi({
  description: 'What the member may do in Tooken. Only owners make owners.',
  example: 'member',
});

export const memberNameInput = nameInput.openapi({ example: 'Ada Lovelace' });
export const emailInput = z
  .string()
  .max(320, 'must have at most 254 characters')
  .openapi({ format: 'email', example: 'ada@example.com' });

const roleIdInput = idSchema('role').transform((id) => id as RoleId);
const groupIdInput = idSchema('grp').transform((id) => id as GroupId);

const rolesInput = z
  .array(roleIdInput)
  .max(MAX_GROUPINGS, `must name at most ${MAX_GROUPINGS} roles`)
  .optional()
  .openapi({ description: 'Ids of the roles to hold: tokens of the member can do what these grant, and no more.' });

const groupsInput = z
  .array(groupIdInput)
  .max(MAX_GROUPINGS, `must name at most ${MAX_GROUPINGS} groups`)
  .optional()
  .openapi({ description: 'Ids of the visibility groups to be in, which services that introspect are told.' });

export const memberListQuery = z.strictObject({
  access: z.enum(ACCESS_LEVELS).optional(),
  status: z.enum(MEMBER_STATUSES).optional(),
  role: idSchema('role').optional().openapi({ description: 'Who holds this role.' }),
  group: idSchema('grp').optional().openapi({ description: 'Who is in this group.' }),
  q: z.string().min(1).max(254).optional().openapi({ description: 'A part of the name or the email, in any case.' }),
  limit: limitInput,
  cursor: cursorInput,
});

export const createMemberBody = z.strictObject({
  name: memberNameInput.openapi({ example: 'billing sync' }),
  access: z.literal('member').default('member'),
  roles: rolesInput,
  groups: groupsInput,
});

export const inviteMemberBody = z.strictObject({
  email: emailInput,
  name: memberNameInput.optional().openapi({ description: 'What is before the `@` of the email unless given.' }),
  access: accessInput,
  roles: rolesInput,
  groups: groupsInput,
});

export const updateMemberBody = z.strictObject({
  name: memberNameInput.optional(),
  email: emailInput.optional(),
  access: accessInput.optional(),
  roles: rolesInput,
  groups: groupsInput,
});

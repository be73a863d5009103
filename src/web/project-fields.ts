import { z } from '@hono/zod-openapi';
import { nameInput } from './fields.ts';
import { changedDescription, newDescription } from './named-fields.ts';

/** Fields of requests about projects. */

export const newProject = z.strictObject({
  name: nameInput.openapi({ example: 'Mobile app' }),
  description: newDescription,
});
export const changedProject = z.strictObject({ name: nameInput.optional(), description: changedDescription });

export const projectRevocation = z.strictObject({
  reason: z.string().max(1024, 'must have at most 1,024 characters').nullable().default(null),
});

import { z } from '@hono/zod-openapi';
import { descriptionInput } from './fields.ts';
import { scopeInput } from './token-fields.ts';

/** Fields of requests about the scope catalogue. */

export const newScope = z.strictObject({ name: scopeInput, description: descriptionInput.nullable().default(null) });
export const changedScope = z.strictObject({ description: descriptionInput.nullable().optional() });

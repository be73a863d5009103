import { z } from '@hono/zod-openapi';
import { ENVIRONMENTS } from '../credentials/format.ts';
import { instantOrNullInput, nameInput } from './fields.ts';
import { cidrsInput, expiresInInput } from './token-fields.ts';

/** What is said of an API key when it is made. */
export const createApiKeyBody = z.strictObject({
  name: nameInput.openapi({ example: 'billing backend' }),
  environment: z.enum(ENVIRONMENTS),
  expires_at: instantOrNullInput.optional().openapi({ description: 'Null is never.' }),
  expires_in: expiresInInput.optional(),
  allowed_cidrs: cidrsInput.default(null),
});

import { z } from '@hono/zod-openapi';
import { API_KEY_PREFIX, PREFIX_PATTERN } from '../credentials/format.ts';
import type { SettingsInput } from '../tokens/settings.ts';
import { AUDITED_INTROSPECTIONS } from '../tokens/store/settings.ts';
import { nameInput } from './fields.ts';

/** Fields of requests about the settings of a workspace. */

export const auditTreePublicField = z.boolean().openapi({
  description:
    'Whether anybody may read the checkpoint, the verifier key and the hash tiles of the audit log, which say nothing about its events. Entries are never public.',
});
export const auditedIntrospectionsField = z.enum(AUDITED_INTROSPECTIONS).openapi({
  description:
    'What the audit log has of introspections: how many there were of each kind, or a record of every single one, written before it is answered.',
});

export const colorField = z.string().nullable().openapi({
  description: 'The colour of the mark of the workspace in the dashboard, `#rrggbb`; null is that of Tooken.',
  example: '#2f5fd0',
});

export const updateSettingsBody = z.strictObject({
  name: nameInput.optional().openapi({
    description:
      'What the workspace is called, and may be named by at sign-in. No other one of the installation has it.',
    example: 'acme',
  }),
  color: colorField.optional(),
  token_prefix: z
    .string()
    .regex(PREFIX_PATTERN, 'must be 2 to 12 lower-case letters and digits that start with a letter')
    .optional()
    .openapi({ description: `For tokens issued from now on. \`${API_KEY_PREFIX}\` is taken.`, example: 'gko' }),
  scope_catalogue_enforced: z.boolean().optional(),
  audit_tree_public: auditTreePublicField.optional(),
  audited_introspections: auditedIntrospectionsField.optional(),
});

/** The same in the words of the service. */
export function settingsInputOf(fields: z.output<typeof updateSettingsBody>): SettingsInput {
  const { name, color, token_prefix, scope_catalogue_enforced, audit_tree_public, audited_introspections } = fields;
  return {
    ...(name !== undefined && { name }),
    ...(color !== undefined && { color }),
    ...(token_prefix !== undefined && { tokenPrefix: token_prefix }),
    ...(scope_catalogue_enforced !== undefined && { isScopeCatalogueEnforced: scope_catalogue_enforced }),
    ...(audit_tree_public !== undefined && { isAuditTreePublic: audit_tree_public }),
    ...(audited_introspections !== undefined && { auditedIntrospections: audited_introspections }),
  };
}

import { z } from '@hono/zod-openapi';
import { API_KEY_PREFIX, scannerPattern } from '../../credentials/format.ts';
import { changeSettings, getSettings } from '../../tokens/settings.ts';
import type { Settings } from '../../tokens/store/settings.ts';
import { warnAboutPrefix } from '../../tokens/vendor-prefixes.ts';
import type { Services } from '../../web/services.ts';
import {
  auditedIntrospectionsField,
  auditTreePublicField,
  colorField,
  settingsInputOf,
  updateSettingsBody,
} from '../../web/settings-fields.ts';
import { type Api, defineRoute } from '../api.ts';
import { etagHeader, etagOf, expectedRevisions, ifMatchHeaders } from '../etag.ts';
import { jsonAnswer, jsonBody } from '../schemas.ts';

const tags = ['Settings'];

const settingsBody = z
  .object({
    name: z.string().openapi({ description: 'What the workspace is called.', example: 'acme' }),
    color: colorField,
    token_prefix: z.string().openapi({ description: 'What new tokens start with.', example: 'tkn' }),
    former_token_prefixes: z
      .array(z.string())
      .openapi({ description: 'What earlier tokens may start with.', example: ['gko'] }),
    scope_catalogue_enforced: z
      .boolean()
      .openapi({ description: 'Whether tokens get only scopes that the catalogue or Tooken itself knows.' }),
    audit_tree_public: auditTreePublicField,
    audited_introspections: auditedIntrospectionsField,
    scanner_patterns: z.object({ api_keys: z.array(z.string()), tokens: z.array(z.string()) }).openapi({
      description: 'Regular expressions for secret scanners. The last six characters are a checksum.',
      example: { api_keys: [scannerPattern(API_KEY_PREFIX)], tokens: [scannerPattern('tkn')] },
    }),
    warnings: z.array(z.string()).openapi({ description: 'What speaks against these settings.', example: [] }),
  })
  .openapi('Settings');

const settingsAnswer = (description: string) => ({ ...jsonAnswer(description, settingsBody), headers: etagHeader });

const getRoute = defineRoute('getSettings', {
  summary: 'Read the settings of the workspace',
  tags,
  responses: { 200: settingsAnswer('The settings.') },
});

const updateRoute = defineRoute('updateSettings', {
  summary: 'Change the settings of the workspace',
  description: 'Tokens that exist stay as they are, their prefix included.',
  tags,
  request: { headers: ifMatchHeaders, ...jsonBody(updateSettingsBody.openapi('UpdateSettings')) },
  responses: { 200: settingsAnswer('The settings as they are now.') },
});

export function mountSettings(api: Api, services: Services): void {
  api.openapi(getRoute, async (c) => {
    const settings = await getSettings(services, c.get('caller'));
    c.header('ETag', etagOf(settings));
    return c.json(presentSettings(settings), 200);
  });

  api.openapi(updateRoute, async (c) => {
    const input = settingsInputOf(c.req.valid('json'));
    const expected = expectedRevisions(c.req.header('if-match'));
    const { settings } = await changeSettings(services, c.get('caller'), input, expected);
    c.header('ETag', etagOf(settings));
    return c.json(presentSettings(settings), 200);
  });
}

function presentSettings(settings: Settings): z.output<typeof settingsBody> {
  const { name, color, tokenPrefix, formerTokenPrefixes } = settings;
  const warning = warnAboutPrefix(tokenPrefix);
  return {
    name,
    color,
    token_prefix: tokenPrefix,
    former_token_prefixes: [...formerTokenPrefixes],
    scope_catalogue_enforced: settings.isScopeCatalogueEnforced,
    audit_tree_public: settings.isAuditTreePublic,
    audited_introspections: settings.auditedIntrospections,
    scanner_patterns: {
      api_keys: [scannerPattern(API_KEY_PREFIX)],
      tokens: [tokenPrefix, ...formerTokenPrefixes].map(scannerPattern),
    },
    warnings: warning === undefined ? [] : [warning],
  };
}

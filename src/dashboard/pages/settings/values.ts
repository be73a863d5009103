import type { Settings } from '../../../tokens/store/settings.ts';

/** What a colour field starts from where none was chosen. */
const SOME_COLOR = '#2f5fd0';

/** The settings as the fields of their form have them. */
export function valuesOf(settings: Settings): Record<string, string | readonly string[]> {
  return {
    name: settings.name,
    color_choice: settings.color === null ? 'tooken' : 'own',
    color: settings.color ?? SOME_COLOR,
    token_prefix: settings.tokenPrefix,
    audited_introspections: settings.auditedIntrospections,
    ...(settings.isScopeCatalogueEnforced && { scope_catalogue_enforced: 'yes' }),
    ...(settings.isAuditTreePublic && { audit_tree_public: 'yes' }),
  };
}

import { listScopeChoices, type ScopeChoice } from '../../../tokens/scope-choices.ts';
import { getSettings } from '../../../tokens/settings.ts';
import type { Visit } from '../../kernel/visit.ts';

export interface RoleChoices {
  readonly scopes: readonly ScopeChoice[];
  /** Whether scopes can be granted that are not among these. */
  readonly takesOthers: boolean;
}

/** More of them are found faster by typing their names. */
const MAX_SCOPES = 500;

/** What a role can grant. */
export async function readRoleChoices({ services, caller }: Visit): Promise<RoleChoices> {
  const [scopes, settings] = await Promise.all([
    listScopeChoices(services, caller, MAX_SCOPES),
    getSettings(services, caller),
  ]);
  const isCut = scopes.filter(({ isReserved }) => !isReserved).length >= MAX_SCOPES;
  return { scopes, takesOthers: !settings.isScopeCatalogueEnforced || isCut };
}

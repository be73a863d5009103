import { listScopeChoices } from '../../../tokens/scope-choices.ts';
import { getSettings } from '../../../tokens/settings.ts';
import type { Visit } from '../../kernel/visit.ts';
import type { ScopeOffer } from '../../parts/scope-picker.tsx';

/** More of them are found faster by typing their names. */
const MAX_SCOPES = 500;

/** What a role can grant. */
export async function readRoleChoices({ services, caller }: Visit): Promise<ScopeOffer> {
  const [scopes, settings] = await Promise.all([
    listScopeChoices(services, caller, MAX_SCOPES),
    getSettings(services, caller),
  ]);
  const isCut = scopes.filter(({ isReserved }) => !isReserved).length >= MAX_SCOPES;
  return { scopes, takesOthers: !settings.isScopeCatalogueEnforced || isCut };
}

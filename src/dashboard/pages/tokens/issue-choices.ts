import { grantsScope, type Scope } from '../../../identity/scopes.ts';
import { listScopeChoices, type ScopeChoice } from '../../../tokens/scope-choices.ts';
import { getSettings } from '../../../tokens/settings.ts';
import type { Visit } from '../../kernel/visit.ts';
import type { ScopeOffer } from '../../parts/scope-picker.tsx';
import { type References, type RoleReference, readOwners, readProjects, readRoles } from './references.ts';

/** What somebody who issues a token can choose from. */
export interface IssueChoices extends ScopeOffer {
  readonly roles: References<RoleReference>;
  readonly projects: References;
  /** Undefined for members who issue for themselves. */
  readonly owners: References | undefined;
}

/** More of them are found faster by typing their names. */
const MAX_SCOPES = 500;

export async function readIssueChoices(visit: Visit): Promise<IssueChoices> {
  const { services, caller } = visit;
  const [all, settings, roles, projects, owners] = await Promise.all([
    listScopeChoices(services, caller, MAX_SCOPES),
    getSettings(services, caller),
    readRoles(visit),
    readProjects(visit),
    readOwners(visit),
  ]);
  const rest = { roles, projects, owners };
  if (caller.principal.access === 'member') {
    return { ...rest, scopes: grantable(all, caller.principal.scopes as Scope[]), takesOthers: false };
  }
  const isCut = all.filter(({ isReserved }) => !isReserved).length >= MAX_SCOPES;
  return { ...rest, scopes: all, takesOthers: !settings.isScopeCatalogueEnforced || isCut };
}

/** What the roles of a member grant, by name, whether or not the catalogue lists it; what reaches Tooken itself comes last. */
function grantable(all: readonly ScopeChoice[], held: readonly Scope[]): ScopeChoice[] {
  const described = all.filter(({ name }) => grantsScope(held, name));
  const others = held.filter((scope) => described.every(({ name }) => name !== scope));
  const undescribed = others.map((name) => ({ name, description: null, isReserved: false }));
  return [...undescribed, ...described].sort(
    (a, b) => Number(a.isReserved) - Number(b.isReserved) || (a.name < b.name ? -1 : 1),
  );
}

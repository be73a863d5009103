import { GROUP, type Group, ROLE, type Role } from '../../../identity/named/kind.ts';
import { listNamed } from '../../../identity/named/list.ts';
import type { Visit } from '../../kernel/visit.ts';
import type { Choice } from '../../parts/choice-field.tsx';

/** More than anybody looks through; what a member has beyond them stays as it is. */
const MAX_LISTED = 200;

/** The roles and groups that a workspace has, for people to choose from. */
export interface Groupings {
  readonly roles: readonly Role[];
  readonly groups: readonly Group[];
}

export async function readGroupings({ services, caller }: Visit): Promise<Groupings> {
  const [roles, groups] = await Promise.all([
    listNamed(services, caller, ROLE, { limit: MAX_LISTED }),
    listNamed(services, caller, GROUP, { limit: MAX_LISTED }),
  ]);
  return { roles: roles.items.toSorted(byName), groups: groups.items.toSorted(byName) };
}

/** Those to choose from, with those that are chosen already and not among them. */
export function choicesOf(
  listed: readonly (Role | Group)[],
  held: readonly { readonly id: string; readonly name: string }[] = [],
): Choice[] {
  const known = new Set<string>(listed.map(({ id }) => id));
  return [
    ...listed.map((item) => ({ value: item.id, label: item.name, ...hintOf(item) })),
    ...held.filter(({ id }) => !known.has(id)).map(({ id, name }) => ({ value: id, label: name })),
  ];
}

function hintOf(item: Role | Group): { readonly hint?: string } {
  if ('scopes' in item) return { hint: item.scopes.join(', ') };
  return item.description === null || item.description === '' ? {} : { hint: item.description };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

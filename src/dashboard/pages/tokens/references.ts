import { getMember, listMembers } from '../../../identity/members/list.ts';
import { type Named, type NamedKind, PROJECT, ROLE } from '../../../identity/named/kind.ts';
import { getNamed, listNamed } from '../../../identity/named/list.ts';
import { ServiceError } from '../../../lib/errors.ts';
import type { ProjectId } from '../../../lib/ids.ts';
import type { Visit } from '../../kernel/visit.ts';

/** Something that tokens refer to by its id, and people by its name. */
export interface Reference {
  readonly id: string;
  readonly name: string;
}

/** The newest of what can be referred to. */
export interface References<Item extends Reference = Reference> {
  readonly items: readonly Item[];
  /** False where there are more. */
  readonly areAll: boolean;
}

const MAX_REFERENCES = 200;

/** A role, with what it grants. */
export type RoleReference = Reference & { readonly scopes: readonly string[] };

/** The roles that the member may give to tokens: those it holds, or any if it sees more than what is its own. */
export async function readRoles(visit: Visit): Promise<References<RoleReference>> {
  const { services, caller } = visit;
  const { access, id } = caller.principal;
  if (access !== 'member') return readNamed(visit, ROLE);
  const { roles } = await getMember(services, caller, id);
  const held = await Promise.all(roles.map((role) => getNamed(services, caller, ROLE, role.id).catch(unlessGone)));
  return { items: held.filter((role) => role !== undefined), areAll: true };
}

export const readProjects = (visit: Visit): Promise<References> => readNamed(visit, PROJECT);

/** The members that tokens can belong to; undefined for who may not know them. */
export async function readOwners(visit: Visit): Promise<References | undefined> {
  if (!visit.may('listMembers')) return undefined;
  const { items, nextCursor } = await listMembers(visit.services, visit.caller, { limit: MAX_REFERENCES });
  const owners = items.map(({ id, name, email }) => ({ id, name: email === null ? name : `${name} (${email})` }));
  return { items: owners, areAll: nextCursor === null };
}

/** The names of projects, by their ids. One that is gone meanwhile has none. */
export async function projectNames(
  { services, caller }: Visit,
  ids: readonly ProjectId[],
): Promise<ReadonlyMap<ProjectId, string>> {
  const found = await Promise.all(
    [...new Set(ids)].map((id) => getNamed(services, caller, PROJECT, id).catch(unlessGone)),
  );
  return new Map(found.flatMap((project) => (project === undefined ? [] : [[project.id, project.name] as const])));
}

async function readNamed<Item extends Named>({ services, caller }: Visit, kind: NamedKind<Item>) {
  const { items, nextCursor } = await listNamed(services, caller, kind, { limit: MAX_REFERENCES });
  return { items, areAll: nextCursor === null };
}

function unlessGone(error: unknown): undefined {
  if (error instanceof ServiceError && error.code === 'not_found') return undefined;
  throw error;
}

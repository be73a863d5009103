import { inTransaction } from '../../db/connection.ts';
import { changeNamed } from '../../identity/named/change.ts';
import type { NamedDeps, NamedInput } from '../../identity/named/create.ts';
import { PROJECT, type Project } from '../../identity/named/kind.ts';
import type { Caller } from '../../identity/principal.ts';
import type { ProjectId } from '../../lib/ids.ts';
import type { ExpectedRevisions } from '../../lib/revision.ts';

/** Changes what is said of a project. Its tokens do not tell of it, so nobody needs to be waited for. */
export function changeProject(
  deps: NamedDeps,
  caller: Caller,
  id: ProjectId,
  input: Partial<NamedInput<Project>>,
  expected?: ExpectedRevisions,
): Promise<Project> {
  return inTransaction(deps.db, (tx) => changeNamed(tx, deps, caller, { kind: PROJECT, id, input, expected }));
}

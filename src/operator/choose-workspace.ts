import { ServiceError } from '../lib/errors.ts';
import type { Session } from './session.ts';
import { selectWorkspaces, type Workspace } from './workspace-store.ts';

/**
 * The workspace with this id or name; without either the only one there is.
 *
 * @throws ServiceError `not_found`; `invalid_request` if there is a choice to make
 */
export async function chooseWorkspace({ db }: Pick<Session, 'db'>, wanted: string | undefined): Promise<Workspace> {
  const workspaces = await selectWorkspaces(db);
  const [first, ...others] = workspaces;
  if (first === undefined) {
    throw new ServiceError('not_found', { message: 'There is no workspace yet. `tooken bootstrap` makes the first.' });
  }
  if (wanted !== undefined) {
    // The id first: nobody can shadow a workspace by giving its id as a name to another.
    const found = workspaces.find(({ id }) => id === wanted) ?? workspaces.find(({ name }) => name === wanted.trim());
    if (found !== undefined) return found;
    throw new ServiceError('not_found', { message: `There is no workspace "${wanted}". ${enumerate(workspaces)}` });
  }
  if (others.length === 0) return first;
  throw new ServiceError('invalid_request', {
    message: `Choose a workspace with --workspace. ${enumerate(workspaces)}`,
  });
}

const MOST_NAMED = 20;

function enumerate(workspaces: readonly Workspace[]): string {
  const names = workspaces.slice(0, MOST_NAMED).map(({ name }) => `"${name}"`);
  const rest = workspaces.length - names.length;
  return `There ${workspaces.length === 1 ? 'is' : 'are'} ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`;
}

import type { Database } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { WorkspaceId } from '../../lib/ids.ts';
import { selectWorkspaces } from './member-store.ts';

/**
 * The workspace that somebody who has not signed in means by its id or name, or by nothing where there is only one; undefined
 * if there is none such.
 *
 * @throws ServiceError `validation_failed` if there are several and none is named, whoever asks
 */
export async function resolveWorkspace(db: Database, given: string | undefined): Promise<WorkspaceId | undefined> {
  const [workspaceId, another] = await selectWorkspaces(db, given);
  if (another === undefined) return workspaceId;
  const message = 'is needed, since there are several here: its id or name';
  throw new ServiceError('validation_failed', { details: [{ path: 'workspace', message }] });
}

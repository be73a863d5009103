import type { Transaction } from '../../db/connection.ts';
import { PROJECT, type Project } from '../../identity/named/kind.ts';
import { requireKnown } from '../../identity/named/require.ts';
import type { ProjectId, WorkspaceId } from '../../lib/ids.ts';

/**
 * The project, which then stays until the transaction ends, for a token that is to be in it.
 *
 * @throws ServiceError `validation_failed` about `path` if the workspace has none of that id
 */
export async function requireProject(
  tx: Transaction,
  workspaceId: WorkspaceId,
  projectId: ProjectId,
  path = 'project_id',
): Promise<Project> {
  return requireKnown(tx, PROJECT, workspaceId, projectId, path);
}

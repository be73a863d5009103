import { append } from '../../src/audit/events/append.ts';
import type { RequestOrigin } from '../../src/audit/events/event.ts';
import { type Database, inTransaction } from '../../src/db/connection.ts';
import type { IdSource } from '../../src/lib/ids.ts';
import type { Workspace } from '../../src/operator/workspace-store.ts';
import { addWorkspace } from '../../src/operator/workspaces.ts';

/** A workspace in which nobody is yet. */
export function createWorkspace(
  deps: IdSource & { readonly db: Database },
  request: RequestOrigin,
  name: string,
): Promise<Workspace> {
  return inTransaction(deps.db, async (tx) => {
    const { workspace, event } = await addWorkspace(tx, deps, request, name);
    await append(tx, deps, [event]);
    return workspace;
  });
}

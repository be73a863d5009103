import type { Transaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { WorkspaceId } from '../../lib/ids.ts';
import type { Named, NamedKind } from './kind.ts';
import { selectKnown } from './store.ts';

/**
 * What a request refers to by its id, locked so that it stays until the transaction ends.
 *
 * @throws ServiceError `validation_failed` about `path` if the workspace has none of that id
 */
export async function requireKnown<Item extends Named>(
  tx: Transaction,
  kind: NamedKind<Item>,
  workspaceId: WorkspaceId,
  id: Item['id'],
  path: string,
): Promise<Item> {
  const [item] = await selectKnown(tx, kind, workspaceId, [id]);
  if (item !== undefined) return item;
  throw new ServiceError('validation_failed', {
    details: [{ path, message: `is the id of no ${kind.word} of this workspace` }],
  });
}

import { append } from '../../audit/events/append.ts';
import type { Once } from '../../credentials/idempotency.ts';
import { type Database, inTransaction, type Transaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import { type IdSource, newId } from '../../lib/ids.ts';
import { requireStanding } from '../members/standing.ts';
import { type Caller, principalIdOf } from '../principal.ts';
import { changesBetween, namedEvent } from './events.ts';
import type { Named, NamedKind } from './kind.ts';
import { insertNamed } from './store.ts';

/** What creating and changing draw on. */
export interface NamedDeps extends IdSource {
  readonly db: Database;
}

/** What a request says of a thing. */
export type NamedInput<Item extends Named> = Pick<Item, 'name' | 'description'> & Omit<Item, keyof Named>;

/**
 * Adds a role, a group or a project to the caller's workspace.
 *
 * @param check what else has to hold, within the transaction; it throws if it does not
 * @throws ServiceError `conflict` for a name that is taken; `forbidden` for a member who manages no longer
 */
export async function createNamed<Item extends Named>(
  deps: NamedDeps,
  { principal, request }: Caller,
  kind: NamedKind<Item>,
  input: NamedInput<Item>,
  { once, check }: { readonly once?: Once<Item> | undefined; readonly check?: (tx: Transaction) => Promise<void> } = {},
): Promise<Item> {
  const now = deps.clock.now();
  const common = {
    id: newId(kind.prefix, deps),
    workspaceId: principal.workspaceId,
    revision: 1,
    createdAt: now,
    createdBy: principalIdOf(principal),
    updatedAt: now,
  } satisfies Omit<Named, 'name' | 'description'>;
  const item = { ...input, ...common } as Named as Item;
  return inTransaction(deps.db, async (tx) => {
    await once?.claim(tx);
    await requireStanding(tx, principal);
    await check?.(tx);
    if (!(await insertNamed(tx, kind, item))) throw nameTaken(kind);
    await once?.remember(tx, item);
    const changes = changesBetween(kind, undefined, item);
    await append(tx, deps, [namedEvent(kind, 'created', { principal, request }, item, changes)]);
    return item;
  });
}

export function nameTaken<Item extends Named>({ word }: NamedKind<Item>): ServiceError {
  return new ServiceError('conflict', { message: `This workspace has a ${word} of that name already.` });
}

import { append } from '../../audit/events/append.ts';
import type { Transaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { IdSource } from '../../lib/ids.ts';
import { type ExpectedRevisions, requireRevision } from '../../lib/revision.ts';
import { requireStanding } from '../members/standing.ts';
import type { Caller } from '../principal.ts';
import { type NamedInput, nameTaken } from './create.ts';
import { changesBetween, namedEvent } from './events.ts';
import type { Named, NamedKind } from './kind.ts';
import { lockNamed, updateNamed } from './store.ts';

export interface NamedChange<Item extends Named> {
  readonly kind: NamedKind<Item>;
  readonly id: Item['id'];
  /** What is absent stays as it is. */
  readonly input: Partial<NamedInput<Item>>;
  readonly expected?: ExpectedRevisions;
  /** What else has to hold; it throws if it does not. */
  readonly check?: (before: Item, after: Item) => Promise<void>;
}

/**
 * Changes a role, a group or a project of the caller's workspace under its lock. What says only what is so already changes
 * nothing, the revision included, and leaves no event. Call it last in the transaction, as it appends the event.
 *
 * @throws ServiceError `not_found`; `precondition_failed`; `conflict` for a name that is taken; `forbidden` for a member who
 *   manages no longer
 */
export async function changeNamed<Item extends Named>(
  tx: Transaction,
  deps: IdSource,
  caller: Caller,
  { kind, id, input, expected, check }: NamedChange<Item>,
): Promise<Item> {
  await requireStanding(tx, caller.principal);
  const before = await lockNamed(tx, kind, caller.principal.workspaceId, id, 'changing');
  if (before === undefined) throw new ServiceError('not_found');
  requireRevision(expected, before.revision);
  const wanted: Item = { ...before, ...input };
  const changes = changesBetween(kind, before, wanted);
  if (changes.length === 0) return before;
  await check?.(before, wanted);
  const after: Item = { ...wanted, revision: before.revision + 1, updatedAt: deps.clock.now() };
  if (!(await updateNamed(tx, kind, after))) throw nameTaken(kind);
  await append(tx, deps, [namedEvent(kind, 'updated', caller, after, changes)]);
  return after;
}

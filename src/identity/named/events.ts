import type { AuditAction } from '../../audit/events/catalogue.ts';
import type { Change, NewEvent } from '../../audit/events/event.ts';
import { actorOf, type Caller } from '../principal.ts';
import type { Named, NamedKind } from './kind.ts';

type NamedVerb = 'created' | 'updated' | 'deleted';

/** The event of something done to a role, a group or a project, which belong to both environments. */
export function namedEvent<Item extends Named>(
  kind: NamedKind<Item>,
  verb: NamedVerb,
  { principal, request }: Caller,
  item: Item,
  changes: readonly Change[] = [],
): NewEvent {
  return {
    workspaceId: item.workspaceId,
    environment: null,
    action: `${kind.word}.${verb}` satisfies AuditAction,
    outcome: 'success',
    actor: actorOf(principal),
    targets: [{ type: kind.word, id: item.id, name: item.name }],
    request,
    changes,
  };
}

/** What differs between two states; of what is new, all that it has. */
export function changesBetween<Item extends Named>(
  kind: NamedKind<Item>,
  before: Item | undefined,
  after: Item,
): Change[] {
  const changes: Change[] = [
    { field: 'name', old: before?.name ?? null, new: after.name, isPersonal: kind.isNamePersonal },
    { field: 'description', old: before?.description ?? null, new: after.description, isPersonal: true },
    ...kind.ownFields.map((field) => ({ field, old: before?.[field] ?? null, new: after[field] })),
  ];
  return changes.filter((change) => JSON.stringify(change.old) !== JSON.stringify(change.new));
}

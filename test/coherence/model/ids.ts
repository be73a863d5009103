import type { Rules } from './rules.ts';
import type { Replica, World } from './world.ts';

/** Registrations are called after the replica: 1a, 1b … */
const idOf = (n: number, index: number): string => `${n + 1}${'abcdefghijklmnopqrstuvwxyz'.charAt(index)}`;

/** An id that nothing mentions: in the normal form those that are mentioned come first. */
export function idToRegister({ registersUnderNewId }: Rules, world: World, n: number): string {
  return idOf(n, registersUnderNewId ? mentionedIds(world, n).length : 0);
}

/**
 * The same world with registrations called in the order in which they are mentioned, so that what has happened to those
 * that nothing mentions any more makes no difference.
 */
export function withOrderedIds(world: World): World {
  const names = new Map<string, string>();
  for (const n of world.replicas.keys()) {
    for (const [index, id] of mentionedIds(world, n).entries())
      if (id !== idOf(n, index)) names.set(id, idOf(n, index));
  }
  return names.size === 0 ? world : sorted(renamed(world, names) as World);
}

function mentionedIds({ database, replicas, changes, watch }: World, n: number): readonly string[] {
  const ids: (string | undefined)[] = [];
  for (const replica of replicas) ids.push(...idsOfReplica(replica));
  for (const { id } of database.rows) ids.push(id);
  for (const orphan of database.orphans) ids.push(orphan.id);
  for (const { members = [], confirmed } of changes) ids.push(...members.map(({ id }) => id), ...confirmed);
  ids.push(watch.row?.id);
  const own = ids.filter((id): id is string => id?.startsWith(`${n + 1}`) === true);
  return [...new Set(own)];
}

function idsOfReplica({ state, errand, loads, leaving }: Replica): readonly (string | undefined)[] {
  const ids = [state.registration?.id, leaving?.registration.id, ...loads.map(({ load }) => load.registrationId)];
  return [...ids, errand?.kind === 'registration' ? errand.id : errand?.renewal.registration.id];
}

/** Everything in `value` by its new name. Loads are known by their identity, so each is renamed once. */
function renamed(value: unknown, names: ReadonlyMap<string, string>, done = new Map<object, object>()): unknown {
  if (typeof value === 'string') return names.get(value) ?? value;
  if (typeof value !== 'object' || value === null) return value;
  const known = done.get(value);
  if (known !== undefined) return known;
  const rename = (part: unknown): unknown => renamed(part, names, done);
  const copy = Array.isArray(value)
    ? value.map(rename)
    : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, rename(part)]));
  done.set(value, copy);
  return copy;
}

function sorted(world: World): World {
  const rows = world.database.rows.toSorted(byId);
  const changes = world.changes.map((change) => ({
    ...change,
    members: change.members?.toSorted(byId),
    confirmed: change.confirmed.toSorted(),
  }));
  return { ...world, database: { ...world.database, rows }, changes };
}

const byId = ({ id: one }: { readonly id: string }, { id: other }: { readonly id: string }) => (one < other ? -1 : 1);

import type { Rules } from './rules.ts';
import type { World } from './world.ts';

/** Registrations are called after the replica: 1a, 1b … */
export const idOf = (n: number, index: number): string => `${n + 1}${LETTERS.charAt(index)}`;
const isOf = (id: string, n: number): boolean => id.startsWith(`${n + 1}`);
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** An id that nothing mentions: in the normal form those that are mentioned come first. */
export function idToRegister({ registersUnderNewId }: Rules, world: World, n: number): string {
  return idOf(n, registersUnderNewId ? mentionedIds(world).filter((id) => isOf(id, n)).length : 0);
}

/**
 * The same world with registrations called in the order in which they are mentioned, so that it makes no difference how
 * many there were that nothing mentions any more.
 */
export function withOrderedIds(world: World): World {
  const mentioned = mentionedIds(world);
  if (mentioned.every((id) => id.endsWith('a'))) return world;
  const names = new Map<string, string>();
  for (const n of world.replicas.keys()) {
    const own = mentioned.filter((id) => isOf(id, n));
    for (const [index, id] of own.entries()) if (id !== idOf(n, index)) names.set(id, idOf(n, index));
  }
  return names.size === 0 ? world : sorted(renamed(world, names) as World);
}

function mentionedIds({ database, replicas, changes, watch }: World): readonly string[] {
  const ids: string[] = [];
  const mention = (id: string | undefined): void => {
    if (id !== undefined && !ids.includes(id)) ids.push(id);
  };
  for (const { state, errand, loads, leaving } of replicas) {
    mention(state.registration?.id);
    mention(leaving?.registration.id);
    for (const { load } of loads) mention(load.registrationId);
    mention(errand?.kind === 'registration' ? errand.id : errand?.renewal.registration.id);
  }
  for (const { id } of database.rows) mention(id);
  for (const { id } of database.orphans) mention(id);
  for (const { members = [], confirmed } of changes) {
    for (const { id } of members) mention(id);
    for (const id of confirmed) mention(id);
  }
  mention(watch.row?.id);
  return ids;
}

/** Everything in `value` by its new name. Loads are known by their identity, so what is one thing stays one. */
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

import type { NewEvent } from '../../audit/events/event.ts';
import type { Environment } from '../../credentials/format.ts';
import type { WorkspaceId } from '../../lib/ids.ts';
import { formatRecord, type IntrospectionRecord } from './record.ts';
import { rootOfLines } from './tree.ts';

/** One introspection that waits for being recorded. */
export interface RecordedIntrospection extends IntrospectionRecord {
  readonly workspaceId: WorkspaceId;
  readonly environment: Environment;
  /** Addresses in canonical form. */
  readonly source: string | null;
  readonly client: string | null;
}

/** The events of some introspections: one for each workspace and environment among them. */
export function eventsOf(introspections: readonly RecordedIntrospection[]): NewEvent[] {
  return groupsOf(introspections).map(eventOf);
}

type Group = readonly [RecordedIntrospection, ...RecordedIntrospection[]];

function groupsOf(introspections: readonly RecordedIntrospection[]): Group[] {
  const groups = new Map<string, [RecordedIntrospection, ...RecordedIntrospection[]]>();
  for (const introspection of introspections) {
    const key = introspection.workspaceId + introspection.environment;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [introspection]);
    else group.push(introspection);
  }
  return [...groups.values()];
}

function eventOf(group: Group): NewEvent {
  const [first] = group;
  const places = new Map<string, number>();
  const lines = group.map((introspection) =>
    formatRecord(introspection, {
      source: placeOf(places, introspection.source),
      client: placeOf(places, introspection.client),
    }),
  );
  return {
    workspaceId: first.workspaceId,
    environment: first.environment,
    action: 'token.introspected',
    outcome: 'success',
    // Of many introspectors there may be records in it; each record names its own.
    actor: { type: 'system', id: null, name: null },
    targets: [],
    request: null,
    aggregate: { count: group.length, firstAt: first.at, lastAt: group.at(-1)?.at ?? first.at },
    introspections: { records: lines.join('\n'), root: rootOfLines(lines), addresses: [...places.keys()] },
  };
}

function placeOf(places: Map<string, number>, address: string | null): number | null {
  if (address === null) return null;
  const known = places.get(address);
  if (known !== undefined) return known;
  places.set(address, places.size);
  return places.size - 1;
}

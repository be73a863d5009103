import { sourceOf } from '../../lib/addresses.ts';
import { cutText } from '../events/clean.ts';
import type { NewEvent } from '../events/event.ts';
import { MAX_USER_AGENT_LENGTH } from '../events/personal.ts';

/** How often a kind of denial came, and one of them as an example. */
export interface DenialCount extends Tally {
  readonly event: NewEvent;
}

export interface Tally {
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

/** The kinds of denials of one window and how often each came. Bounded, whoever calls with whatever. */
export interface DenialTable {
  /** Whether `event` is the first of its kind and there is room for the kind; it then has its place, with no count. */
  claim(event: NewEvent): boolean;
  /** Counts `event` with its kind, or with the others of its log and action if there is no room. */
  add(event: NewEvent, tally: Tally): void;
  counts(): DenialCount[];
  total(): number;
}

interface Kind {
  readonly event: NewEvent;
  tally: Tally | undefined;
}

export function createDenialTable(capacity: number): DenialTable {
  const perLog = Math.ceil(capacity / 2);
  const kinds = new Map<string, Kind>();
  // One per log and action: as few as there are workspaces, which only an operator makes.
  const others = new Map<string, Kind>();
  const kindsOfLog = new Map<string, number>();

  function place(event: NewEvent): Kind | undefined {
    const log = event.workspaceId ?? '';
    const inLog = kindsOfLog.get(log) ?? 0;
    if (kinds.size >= capacity || inLog >= perLog) return undefined;
    const kind: Kind = { event: example(event), tally: undefined };
    kinds.set(keyOf(event), kind);
    kindsOfLog.set(log, inLog + 1);
    return kind;
  }

  function placeAmongOthers(event: NewEvent): Kind {
    const key = JSON.stringify([event.workspaceId, event.environment, event.action, event.outcome]);
    const kind = others.get(key) ?? { event: otherOf(event), tally: undefined };
    others.set(key, kind);
    return kind;
  }

  return {
    claim: (event) => !kinds.has(keyOf(event)) && place(event) !== undefined,
    add(event, tally) {
      const kind = kinds.get(keyOf(event)) ?? place(event) ?? placeAmongOthers(event);
      kind.tally = kind.tally === undefined ? tally : merge(kind.tally, tally);
    },
    counts: () => counted(kinds, others),
    total: () => counted(kinds, others).reduce((sum, { count }) => sum + count, 0),
  };
}

function counted(...tables: readonly ReadonlyMap<string, Kind>[]): DenialCount[] {
  return tables
    .flatMap((table) => [...table.values()])
    .flatMap(({ event, tally }) => (tally === undefined ? [] : [{ event, ...tally }]));
}

function merge(a: Tally, b: Tally): Tally {
  return {
    count: a.count + b.count,
    firstAt: new Date(Math.min(a.firstAt.getTime(), b.firstAt.getTime())),
    lastAt: new Date(Math.max(a.lastAt.getTime(), b.lastAt.getTime())),
  };
}

/** What makes two denials alike. Each part is cut, so that no caller can make a key of any size. */
function keyOf({ workspaceId, environment, actor, action, reason, targets, request, source }: NewEvent): string {
  const who = actor.id ?? (request?.ip ? sourceOf(request.ip) : actor.type);
  const whence = source ? sourceOf(source) : undefined;
  return JSON.stringify(
    [workspaceId, environment, who, action, reason, request?.route, targets[0]?.id, whence].map((part) =>
      part?.slice(0, 128),
    ),
  );
}

/** The event as the table keeps it: the user agent may be as long as a header can be. */
function example(event: NewEvent): NewEvent {
  const { request } = event;
  const userAgent = request?.userAgent ?? null;
  if (request === null || userAgent === null) return event;
  return { ...event, request: { ...request, userAgent: cutText(userAgent, MAX_USER_AGENT_LENGTH) } };
}

/** Stands for denials of many callers: all that is known of them is the log and what was denied. */
function otherOf({ workspaceId, environment, action, outcome }: NewEvent): NewEvent {
  return {
    workspaceId,
    environment,
    action,
    outcome,
    reason: 'other',
    actor: { type: 'anonymous', id: null, name: null },
    targets: [],
    request: null,
  };
}

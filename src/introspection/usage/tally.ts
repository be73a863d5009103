import type { Principal } from '../../identity/principal.ts';
import type { UsageOutcome } from './outcome.ts';

/** A principal that is, or has, a credential. */
export type CredentialHolder = Exclude<Principal, { kind: 'system' }>;

/** One use: of a token that somebody asked about, or of a caller's own credential. */
export interface Use {
  /** Null for what led to no token that the introspector may know of. */
  readonly used: CredentialHolder | null;
  /** Who asked; null for a credential that called Tooken itself. */
  readonly introspector: CredentialHolder | null;
  /** Of a call always `active`. */
  readonly outcome: UsageOutcome;
  /** A canonical address; null if unknown. */
  readonly source: string | null;
}

/** How often the same use came within one minute. */
export interface Counter extends Use {
  /** Minutes since 1970. */
  readonly minute: number;
  readonly firstAtMs: number;
  count: number;
  lastAtMs: number;
}

/** Counts uses. Counting one like the last of the same credential costs a look-up and allocates nothing. */
export interface Tally {
  count(
    used: CredentialHolder | null,
    introspector: CredentialHolder | null,
    outcome: UsageOutcome,
    source: string | null,
    atMs: number,
  ): void;
  /** All counters, in the order in which their uses first came; the tally is empty then. */
  take(): Counter[];
  /** How many uses it has counted since. */
  uses(): number;
}

export interface TallyBounds {
  /** When there are so many counters, new ones no longer tell sources apart; at twice as many, nor tokens. */
  readonly maxCounters: number;
  /** Counters of one credential that tell sources apart, so that it leaves room for others. */
  readonly maxPerCredential: number;
}

/** What the tally knows of one credential. */
interface Lane {
  recent: Counter;
  /** How many of its counters have a source. */
  sources: number;
}

export function createTally({ maxCounters, maxPerCredential }: TallyBounds): Tally {
  let lanes = new Map<string, Lane>();
  let counters = new Map<string, Counter>();

  /** The counter of a use that is not like the last one: an old one, a new one, or one that stands for many. */
  function counterOf(lane: Lane | undefined, use: Use, atMs: number): Counter | undefined {
    const key = keyOf(use, atMs);
    const known = counters.get(key);
    if (known !== undefined) return known;
    const { used, source } = use;
    const isCrowded = counters.size >= maxCounters || (lane !== undefined && lane.sources >= maxPerCredential);
    if (source !== null && isCrowded) return counterOf(lane, { ...use, source: null }, atMs);
    if (used !== null && counters.size >= 2 * maxCounters) {
      // Of a call only the time would have been noted, and the next one notes it again.
      return use.introspector === null ? undefined : counterOf(lane, { ...use, used: null }, atMs);
    }
    const { introspector, outcome } = use;
    // Spelt out: objects that come from a spread are ten times as slow to read.
    const minute = minuteOf(atMs);
    const counter = { used, introspector, outcome, source, minute, firstAtMs: atMs, lastAtMs: atMs, count: 0 };
    counters.set(key, counter);
    return counter;
  }

  return {
    count(used, introspector, outcome, source, atMs) {
      // What leads to no token is counted by introspector alone.
      const laneId = used?.id ?? introspector?.id ?? '';
      const lane = lanes.get(laneId);
      if (lane !== undefined && isLike(lane.recent, used, introspector, outcome, source, atMs)) {
        add(lane.recent, atMs);
        return;
      }
      const sizeBefore = counters.size;
      const counter = counterOf(lane, { used, introspector, outcome, source }, atMs);
      if (counter === undefined) return;
      add(counter, atMs);
      const isNewSource = counter.source !== null && counters.size > sizeBefore;
      if (lane === undefined) {
        lanes.set(laneId, { recent: counter, sources: isNewSource ? 1 : 0 });
      } else {
        lane.recent = counter;
        if (isNewSource) lane.sources += 1;
      }
    },
    take() {
      const taken = [...counters.values()];
      lanes = new Map();
      counters = new Map();
      return taken;
    },
    uses: () => usesIn(counters.values()),
  };
}

function add(counter: Counter, atMs: number): void {
  counter.count += 1;
  if (atMs > counter.lastAtMs) counter.lastAtMs = atMs;
}

export function usesIn(counters: Iterable<Counter>): number {
  let uses = 0;
  for (const { count } of counters) uses += count;
  return uses;
}

function isLike(
  counter: Counter,
  used: CredentialHolder | null,
  introspector: CredentialHolder | null,
  outcome: UsageOutcome,
  source: string | null,
  atMs: number,
): boolean {
  return (
    counter.outcome === outcome &&
    counter.source === source &&
    counter.introspector?.id === introspector?.id &&
    counter.used?.id === used?.id &&
    secretOf(counter.used) === secretOf(used) &&
    counter.minute === minuteOf(atMs)
  );
}

/** Which of a token's secrets was presented; null for anything else. */
export function secretOf(used: CredentialHolder | null): 'current' | 'previous' | null {
  return used?.kind === 'token' ? used.secret : null;
}

function keyOf({ used, introspector, outcome, source }: Use, atMs: number): string {
  return `${used?.id} ${introspector?.id} ${outcome} ${secretOf(used)} ${source} ${minuteOf(atMs)}`;
}

function minuteOf(atMs: number): number {
  return Math.floor(atMs / 60_000);
}

import { sourceOf } from '../../lib/addresses.ts';
import { idToUuid, type WorkspaceId } from '../../lib/ids.ts';
import { isAdmitted, type UsageOutcome } from './outcome.ts';
import { type Counter, secretOf } from './tally.ts';

/** What a number of counters says, in the form in which the database is told. */
export interface Batch {
  readonly counters: readonly Counter[];
  readonly lastUses: readonly LastUse[];
  readonly sightings: readonly Sighting[];
  readonly counts: readonly UsageCount[];
}

/** The latest use of a credential that was good then. */
export interface LastUse {
  readonly uuid: string;
  readonly atMs: number;
  /** An address; null if unknown. */
  readonly from: string | null;
  /** The earliest of its uses. */
  readonly first: Counter;
}

/** A token came from a source. */
export interface Sighting {
  readonly tokenUuid: string;
  readonly isAdmitted: boolean;
  /** What sources are told apart by: an IPv4 address or an IPv6 /64. */
  readonly source: string;
  /** The earliest of its uses. */
  readonly first: Counter;
}

/** Uses within one minute that are alike. */
export interface UsageCount {
  readonly workspaceId: WorkspaceId;
  readonly environment: 'live' | 'test';
  readonly tokenUuid: string | null;
  /** Null when the token called Tooken itself. */
  readonly introspectorId: string | null;
  readonly source: string | null;
  readonly outcome: UsageOutcome;
  readonly secret: 'current' | 'previous' | null;
  /** Minutes since 1970. */
  readonly minute: number;
  readonly count: number;
  readonly lastAtMs: number;
}

/** `counters` are in the order in which their uses first came. */
export function createBatch(counters: readonly Counter[]): Batch {
  const lastUses = new Map<string, LastUse>();
  const sightings = new Map<string, Sighting>();
  const counts: UsageCount[] = [];
  for (const counter of counters) {
    const uuid = counter.used === null ? null : idToUuid(counter.used.id);
    const source = counter.source === null ? null : networkOf(counter.source);
    if (uuid !== null) {
      noteLastUse(lastUses, counter, uuid);
      if (source !== null) noteSighting(sightings, counter, uuid, source);
    }
    const count = countOf(counter, uuid, source);
    if (count !== undefined) counts.push(count);
  }
  return { counters, lastUses: [...lastUses.values()], sightings: [...sightings.values()], counts };
}

function noteLastUse(lastUses: Map<string, LastUse>, counter: Counter, uuid: string): void {
  if (!isAdmitted(counter.outcome)) return;
  const known = lastUses.get(uuid);
  const { lastAtMs: atMs, source: from } = counter;
  if (known === undefined || known.atMs <= atMs)
    lastUses.set(uuid, { uuid, atMs, from, first: known?.first ?? counter });
}

function noteSighting(sightings: Map<string, Sighting>, counter: Counter, tokenUuid: string, source: string): void {
  if (counter.used?.kind !== 'token') return;
  const sighting = { tokenUuid, isAdmitted: isAdmitted(counter.outcome), source, first: counter };
  const key = `${tokenUuid} ${sighting.isAdmitted} ${source}`;
  if (!sightings.has(key)) sightings.set(key, sighting);
}

/** Introspections, and the calls of tokens; of API keys only the last use is kept. */
function countOf(counter: Counter, tokenUuid: string | null, source: string | null): UsageCount | undefined {
  const { used, introspector, outcome, minute, count, lastAtMs } = counter;
  const owner = introspector ?? used;
  if (owner === null || used?.kind === 'api_key') return undefined;
  return {
    workspaceId: owner.workspaceId,
    environment: owner.environment,
    tokenUuid,
    introspectorId: introspector?.id ?? null,
    source,
    outcome,
    secret: secretOf(used),
    minute,
    count,
    lastAtMs,
  };
}

/** {@link sourceOf} of a canonical address, which is one already if it is of IPv4. */
function networkOf(address: string): string {
  return address.includes(':') ? sourceOf(address) : address;
}

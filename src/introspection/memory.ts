import { LRUCache } from 'lru-cache';
import type { ReplicaMemory } from '../coherence/replica.ts';
import type { Subject } from '../coherence/subject.ts';
import type { Id, MemberId, SessionId } from '../lib/ids.ts';
import { type CredentialRecord, restsOn, type SessionRecord } from './record.ts';

/**
 * What this process remembers of credentials, under keys that do not lead back to them. It answers nothing by itself:
 * whether it may be believed is the lease's to say.
 */
export interface CredentialMemory extends ReplicaMemory {
  /** The record; null for a credential that nobody was given; undefined if nothing is remembered. */
  get(key: string): CredentialRecord | null | undefined;
  keep(key: string, record: CredentialRecord): void;
  keepUnknown(key: string): void;
  /** Sessions are kept under their ids, apart from credentials: no text that somebody presents leads to one. */
  getSession(id: SessionId): SessionRecord | undefined;
  keepSession(record: SessionRecord): void;
  read(): MemoryReadings;
}

export interface MemoryReadings {
  readonly records: number;
  readonly unknown: number;
  /** How often `get` found something, and how often nothing. */
  readonly hits: number;
  readonly misses: number;
}

export interface MemoryBounds {
  /**
   * Records of credentials of {@link UNIT_BYTES} each; a larger one counts for several. Those that were not asked for the
   * longest time go first.
   */
  readonly maxRecords: number;
  /** Credentials that nobody was given. Apart from the records, so that garbage cannot push those out. */
  readonly maxUnknown: number;
}

export function createCredentialMemory({ maxRecords, maxUnknown }: MemoryBounds): CredentialMemory {
  const keysOf = createKeyIndex();
  const owned = createOwnerIndex();
  const records = new LRUCache<string, CredentialRecord>({
    max: maxRecords,
    maxSize: maxRecords,
    sizeCalculation: unitsOf,
    dispose: (record, key) => {
      keysOf.remove(record.id, key);
      if (record.kind === 'token' && record.owner !== null) owned.remove(record.owner.id, key);
    },
  });
  const sessions = new LRUCache<SessionId, SessionRecord>({ max: Math.min(maxRecords, MAX_SESSIONS) });
  const unknown = new LRUCache<string, true>({ max: maxUnknown });
  let [hits, misses] = [0, 0];

  /** Looks at all: it is for what changes once in a long while, a role or a workspace. */
  function forgetAllThatRestsOn(subject: Subject): void {
    for (const [key, record] of records.entries()) if (restsOn(record).includes(subject)) records.delete(key);
    forgetSessionsOf(subject);
  }

  function forgetSessionsOf(subject: Subject): void {
    for (const [id, record] of sessions.entries()) if (restsOn(record).includes(subject)) sessions.delete(id);
  }

  function forgetKeys(keys: readonly string[]): void {
    for (const key of keys) records.delete(key);
  }

  function forget(subject: Subject): void {
    if (subject === 'creation') {
      unknown.clear();
    } else if (isIdOf('ws', subject) || isIdOf('role', subject)) {
      forgetAllThatRestsOn(subject);
    } else if (isIdOf('ses', subject)) {
      sessions.delete(subject);
    } else if (isIdOf('usr', subject)) {
      forgetKeys(owned.get(subject));
      forgetSessionsOf(subject);
    } else {
      forgetKeys(keysOf.get(subject));
    }
  }

  return {
    get(key) {
      const found = records.get(key) ?? (unknown.get(key) === true ? null : undefined);
      if (found === undefined) misses += 1;
      else hits += 1;
      return found;
    },
    keep(key, record) {
      records.set(key, record);
      // One that is larger than all of memory is not kept.
      if (!records.has(key)) return;
      keysOf.add(record.id, key);
      if (record.kind === 'token' && record.owner !== null) owned.add(record.owner.id, key);
    },
    getSession: (id) => sessions.get(id),
    keepSession: (record) => void sessions.set(record.id, record),
    keepUnknown: (key) => void unknown.set(key, true),
    forget(subjects: Iterable<Subject>) {
      for (const subject of subjects) forget(subject);
    },
    forgetAll() {
      records.clear();
      unknown.clear();
      sessions.clear();
    },
    read: () => ({ records: records.size, unknown: unknown.size, hits, misses }),
  };
}

/** More people than that are hardly at work at once; those who were not seen for longest are looked up again. */
const MAX_SESSIONS = 10_000;

function isIdOf<Prefix extends 'ws' | 'ses' | 'usr' | 'role'>(
  prefix: Prefix,
  subject: Subject,
): subject is Id<Prefix> & Subject {
  return subject.startsWith(`${prefix}_`);
}

/** What a typical record takes, with its answer and its places in the indexes (bench/memory.ts). */
const UNIT_BYTES = 1024;
/** That much longer than its JSON is what metadata takes, as an object and once more in the answer. */
const METADATA_FACTOR = 4;

/** How many typical records' room a record takes, roughly: it is metadata and long lists that make one large. */
function unitsOf(record: CredentialRecord): number {
  const lists = record.allowedCidrs?.join(' ').length ?? 0;
  if (record.kind === 'api_key') return 1 + Math.floor((lists * 2) / UNIT_BYTES);
  const listed = (lists + record.scopes.join(' ').length) * 2;
  const metadata = JSON.stringify(record.metadata).length * METADATA_FACTOR;
  return 1 + Math.floor((listed + metadata) / UNIT_BYTES);
}

/** The keys of what members own, which may be very many. */
function createOwnerIndex() {
  const index = new Map<MemberId, Set<string>>();
  return {
    get: (owner: MemberId): readonly string[] => [...(index.get(owner) ?? [])],
    add(owner: MemberId, key: string): void {
      const keys = index.get(owner);
      if (keys === undefined) index.set(owner, new Set([key]));
      else keys.add(key);
    },
    remove(owner: MemberId, key: string): void {
      const keys = index.get(owner);
      keys?.delete(key);
      if (keys?.size === 0) index.delete(owner);
    },
  };
}

/** The keys under which a subject is remembered: nearly always one, two while a rotation overlaps. */
function createKeyIndex() {
  const index = new Map<string, string | readonly string[]>();
  const get = (subject: string): readonly string[] => {
    const keys = index.get(subject);
    return typeof keys === 'string' ? [keys] : (keys ?? []);
  };
  const set = (subject: string, keys: readonly string[]): void => {
    const [only] = keys;
    if (only === undefined) index.delete(subject);
    else index.set(subject, keys.length === 1 ? only : keys);
  };
  return {
    get,
    add: (subject: string, key: string) => set(subject, [...get(subject).filter((each) => each !== key), key]),
    remove: (subject: string, key: string) =>
      set(
        subject,
        get(subject).filter((each) => each !== key),
      ),
  };
}

import { LRUCache } from 'lru-cache';
import type { ReplicaMemory } from '../coherence/replica.ts';
import type { Subject } from '../coherence/subject.ts';
import type { CredentialRecord } from './record.ts';

/**
 * What this process remembers of credentials, under keys that do not lead back to them. It answers nothing by itself:
 * whether it may be believed is the lease's to say.
 */
export interface CredentialMemory extends ReplicaMemory {
  /** The record; null for a credential that nobody was given; undefined if nothing is remembered. */
  get(key: string): CredentialRecord | null | undefined;
  keep(key: string, record: CredentialRecord): void;
  keepUnknown(key: string): void;
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
  const records = new LRUCache<string, CredentialRecord>({
    max: maxRecords,
    maxSize: maxRecords,
    sizeCalculation: unitsOf,
    dispose: (record, key) => keysOf.remove(record.id, key),
  });
  const unknown = new LRUCache<string, true>({ max: maxUnknown });
  let [hits, misses] = [0, 0];

  /** Looks at all: it is for what changes once in a long while. */
  function forgetWorkspace(id: string): void {
    for (const [key, record] of records.entries()) if (record.workspaceId === id) records.delete(key);
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
      if (records.has(key)) keysOf.add(record.id, key);
    },
    keepUnknown: (key) => void unknown.set(key, true),
    forget(subjects: Iterable<Subject>) {
      for (const subject of subjects) {
        if (subject === 'creation') unknown.clear();
        else if (subject.startsWith('ws_')) forgetWorkspace(subject);
        else for (const key of keysOf.get(subject)) records.delete(key);
      }
    },
    forgetAll() {
      records.clear();
      unknown.clear();
    },
    read: () => ({ records: records.size, unknown: unknown.size, hits, misses }),
  };
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

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
  /** Records of credentials; those that were not asked for the longest time go first. */
  readonly maxRecords: number;
  /** Credentials that nobody was given. Apart from the records, so that garbage cannot push those out. */
  readonly maxUnknown: number;
}

export function createCredentialMemory({ maxRecords, maxUnknown }: MemoryBounds): CredentialMemory {
  const keysOf = createKeyIndex();
  const records = new LRUCache<string, CredentialRecord>({
    max: maxRecords,
    dispose: (record, key) => keysOf.remove(record.id, key),
  });
  const unknown = new LRUCache<string, true>({ max: maxUnknown });
  let [hits, misses] = [0, 0];

  return {
    get(key) {
      const found = records.get(key) ?? (unknown.has(key) ? null : undefined);
      if (found === undefined) misses += 1;
      else hits += 1;
      return found;
    },
    keep(key, record) {
      records.set(key, record);
      keysOf.add(record.id, key);
    },
    keepUnknown: (key) => void unknown.set(key, true),
    forget(subjects: Iterable<Subject>) {
      for (const subject of subjects) {
        if (subject === 'creation') unknown.clear();
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

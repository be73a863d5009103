import { proveInclusion } from '../../audit/core/proof.ts';
import { type NodeId, rootOfLeaves } from '../../audit/core/tree.ts';
import { sha256 } from '../../audit/hashing.ts';
import type { AuditViewer } from '../../audit/queries/filters.ts';
import { getEvent } from '../../audit/queries/read.ts';
import type { Database } from '../../db/connection.ts';
import { type EventId, idToUuid } from '../../lib/ids.ts';
import { selectRecordLines } from './read-store.ts';
import type { RecordLine } from './record.ts';
import { hashLine } from './tree.ts';

/** A record as readers get it: its line, joined with the addresses that have not been erased. */
export interface ReadRecord extends Omit<RecordLine, 'source' | 'client'> {
  /** Its place among the records of the event. */
  readonly position: number;
  /** The canonical JSON that the event commits to. */
  readonly line: string;
  readonly source: string | null;
  readonly client: string | null;
}

/** That a record is one of those which its event commits to. */
export interface RecordProof {
  readonly record: ReadRecord;
  /** How many records the event has, and the root of their tree. */
  readonly size: number;
  readonly root: string;
  /** The audit path (RFC 6962 §2.1.1) from the record's line to the root. */
  readonly hashes: readonly Uint8Array[];
}

/** The records of an event; undefined if it has none, does not exist, or is not the viewer's to see. */
export async function listRecords(
  db: Database,
  viewer: AuditViewer,
  id: EventId,
): Promise<readonly ReadRecord[] | undefined> {
  return (await findBatch(db, viewer, id))?.records;
}

/** One record of an event, with its proof; undefined as above, and if there is none at `position`. */
export async function proveRecord(
  db: Database,
  viewer: AuditViewer,
  id: EventId,
  position: number,
): Promise<RecordProof | undefined> {
  const batch = await findBatch(db, viewer, id);
  const record = batch?.records[position];
  if (batch === undefined || record === undefined) return undefined;
  const leaves = batch.records.map(({ line }) => hashLine(line));
  const hashes = await proveInclusion(sha256, readerOf(leaves), position, leaves.length);
  return { record, size: leaves.length, root: batch.root, hashes };
}

async function findBatch(
  db: Database,
  viewer: AuditViewer,
  id: EventId,
): Promise<{ readonly records: readonly ReadRecord[]; readonly root: string } | undefined> {
  const batch = (await getEvent(db, viewer, id))?.introspections;
  if (!batch) return undefined;
  const lines = (await selectRecordLines(db, idToUuid(id))) ?? [];
  const addressAt = (place: number | null) => (place === null ? null : (batch.addresses[place] ?? null));
  const records = lines.map((line, position) => {
    const record = JSON.parse(line) as RecordLine;
    return { ...record, position, line, source: addressAt(record.source), client: addressAt(record.client) };
  });
  return { records, root: batch.root };
}

/** Of a tree whose leaves are all in memory. */
function readerOf(leaves: readonly Uint8Array[]) {
  const hashOf = ({ level, index }: NodeId) =>
    rootOfLeaves(sha256, leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));
  return (nodes: readonly NodeId[]) => Promise.resolve(nodes.map(hashOf));
}

import type { Database } from '../../db/connection.ts';
import type { EventId } from '../../lib/ids.ts';
import { toBase64, utf8 } from '../core/base64.ts';
import { proveConsistency, proveInclusion } from '../core/proof.ts';
import { formatTlogProof } from '../core/tlog-proof.ts';
import { logIdOf } from '../events/append.ts';
import { sha256 } from '../hashing.ts';
import type { AuditViewer } from '../queries/filters.ts';
import { type EventRecord, getEventRecord } from '../queries/record.ts';
import { nodeReader } from '../sequencer/tree.ts';
import { type Checkpoints, servedNote } from './checkpoints.ts';
import type { LogKeys } from './log-key.ts';

/** What shows, to somebody who has the log's verifier key and nothing else of us, that an event is in the log. */
export interface EventProof extends EventRecord {
  /** Size of the checkpoint's tree. */
  readonly size: number;
  /** The audit path (RFC 6962 §2.1.1), the leaf's sibling first, in base64. */
  readonly hashes: readonly string[];
  /** The signed note, with cosignatures. */
  readonly checkpoint: string;
  readonly verifierKey: string;
  /** The same as c2sp.org/tlog-proof@v1, with the leaf as extra data. */
  readonly tlogProof: string;
}

export interface ProofDeps {
  readonly db: Database;
  readonly checkpoints: Checkpoints;
  readonly logKeys: LogKeys;
}

/**
 * The proof of one event, under a checkpoint that is signed for it if none covers it yet; undefined if the event does not
 * exist or the viewer may not see it.
 *
 * @throws ServiceError `unavailable` if none covers it and no more are signed for this log
 */
export async function proveEvent(deps: ProofDeps, viewer: AuditViewer, id: EventId): Promise<EventProof | undefined> {
  const { db, checkpoints, logKeys } = deps;
  const logId = logIdOf(viewer.workspaceId);
  const record = await getEventRecord(db, viewer, id);
  if (record === undefined) return undefined;
  const index = record.event.leaf_index;
  const stored = await checkpoints.covering(logId, index + 1);
  const [path, key] = await Promise.all([
    proveInclusion(sha256, nodeReader(db, logId, stored.size), index, stored.size),
    logKeys.open(db, logId),
  ]);
  const checkpoint = servedNote(stored);
  return {
    ...record,
    size: stored.size,
    hashes: path.map(toBase64),
    checkpoint,
    verifierKey: key.verifierKey,
    tlogProof: formatTlogProof({ extra: utf8(record.leaf), index, path, checkpoint }),
  };
}

/**
 * That the tree of `newSize` begins with all that was in the one of `oldSize` (RFC 6962 §2.1.2), in base64; undefined if the
 * log has signed nothing that large yet, or the old one is larger than the new.
 */
export async function proveGrowth(
  { db, checkpoints }: ProofDeps,
  { workspaceId }: Pick<AuditViewer, 'workspaceId'>,
  { oldSize, newSize }: { readonly oldSize: number; readonly newSize: number },
): Promise<readonly string[] | undefined> {
  const logId = logIdOf(workspaceId);
  const latest = await checkpoints.latest(logId);
  if (latest === undefined || oldSize > newSize || newSize > latest.size) return undefined;
  const hashes = await proveConsistency(sha256, nodeReader(db, logId, latest.size), oldSize, newSize);
  return hashes.map(toBase64);
}

import type { Database } from '../../db/connection.ts';
import { type EventId, idToUuid } from '../../lib/ids.ts';
import { toBase64 } from '../core/base64.ts';
import { proveInclusion } from '../core/proof.ts';
import { formatTlogProof } from '../core/tlog-proof.ts';
import { logIdOf } from '../events/append.ts';
import type { AuditEvent } from '../events/event.ts';
import { readableEvent } from '../events/readable.ts';
import { sha256 } from '../hashing.ts';
import type { AuditViewer } from '../queries/filters.ts';
import { selectLeafOf, selectPrivateParts } from '../queries/read-store.ts';
import { drainForRead } from '../sequencer/drain.ts';
import { nodeReader } from '../sequencer/tree.ts';
import { type Checkpoints, servedNote } from './checkpoints.ts';
import type { LogKeys } from './log-key.ts';

/** What shows, to somebody who has the log's verifier key and nothing else of us, that an event is in the log. */
export interface EventProof {
  readonly event: AuditEvent;
  /** The exact text that the log commits to: RFC 8785 canonical JSON. */
  readonly leaf: string;
  /** By slot, what the leaf's commitments open to, as far as it has not been erased. The salts are in base64. */
  readonly openings: { readonly [slot: string]: { readonly salt: string; readonly payload: string } };
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
  await drainForRead(db, logId);
  const uuid = idToUuid(id);
  const row = await selectLeafOf(db, { logId, environment: viewer.environment }, uuid);
  if (row === undefined) return undefined;
  const { leafIndex, leaf } = row;
  const stored = await checkpoints.covering(logId, leafIndex + 1);
  const [parts, path, key] = await Promise.all([
    selectPrivateParts(db, [uuid]),
    proveInclusion(sha256, nodeReader(db, logId, stored.size), leafIndex, stored.size),
    logKeys.open(db, logId),
  ]);
  const checkpoint = servedNote(stored);
  return {
    event: readableEvent(leaf, leafIndex, parts),
    leaf: leaf.toString('utf8'),
    openings: Object.fromEntries(
      parts.map(({ slot, salt, payload }) => [
        slot,
        { salt: salt.toString('base64'), payload: payload.toString('utf8') },
      ]),
    ),
    size: stored.size,
    hashes: path.map(toBase64),
    checkpoint,
    verifierKey: key.verifierKey,
    tlogProof: formatTlogProof({ extra: leaf, index: leafIndex, path, checkpoint }),
  };
}

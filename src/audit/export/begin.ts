import { type Database, inTransaction } from '../../db/connection.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { EventId, IdSource } from '../../lib/ids.ts';
import type { StoredCheckpoint } from '../checkpoints/checkpoint-store.ts';
import { type Checkpoints, servedNote } from '../checkpoints/checkpoints.ts';
import type { LogKey, LogKeys } from '../checkpoints/log-key.ts';
import { toBase64 } from '../core/base64.ts';
import { EXPORT_FORMAT, EXPORT_VERSION, type ExportHeader } from '../core/export-format.ts';
import { hashesOfRange, type NodeReader, proveConsistency } from '../core/proof.ts';
import { append, logIdOf } from '../events/append.ts';
import { sha256 } from '../hashing.ts';
import { leafRangeOf } from '../queries/time-range-store.ts';
import { drainForRead } from '../sequencer/drain.ts';
import { nodeReader } from '../sequencer/tree.ts';
import { type Exporter, exportedEvent } from './exported-event.ts';
import { type ExportedLeaf, readPages, type Selection, selectionOf } from './pages.ts';
import { describeFilters, type ExportFormat, type ExportRequest } from './scope.ts';

export interface ExportDeps extends IdSource {
  readonly db: Database;
  readonly checkpoints: Checkpoints;
  readonly logKeys: LogKeys;
}

/** An export that has begun: it is in the log, and what it will hold is fixed. */
export interface BegunExport {
  readonly format: ExportFormat;
  readonly header: ExportHeader;
  readonly key: LogKey;
  readonly readNodes: NodeReader;
  pages(): AsyncGenerator<readonly ExportedLeaf[], void>;
  /** Of a leaf that has more records than are read along with others. */
  readonly db: Database;
}

/**
 * Begins an export of all that was in the log when this was called. That is told to the log first, with the range of leaves
 * it will show, and the checkpoint of the header covers that event: nobody can have an export of which the log does not know.
 * One that breaks off later, or for want of a checkpoint does not come about, has its event all the same. Of a log that is
 * halted, for which nothing more is signed, the export ends with the last checkpoint, which does not cover the event.
 *
 * @throws ServiceError `validation_failed` if `previous` is beyond the log; `unavailable` if no checkpoint is signed
 */
export async function beginExport(deps: ExportDeps, request: ExportRequest, exporter: Exporter): Promise<BegunExport> {
  const { db, clock } = deps;
  const logId = logIdOf(request.workspaceId);
  const last = (await deps.checkpoints.isHalted(logId)) ? await deps.checkpoints.latest(logId) : undefined;
  const selection = await selectRange(db, request, logId, last?.size);
  const exportedAt = clock.now();
  const eventId = await tell(deps, request, exporter, selection);
  const checkpoint = last ?? (await deps.checkpoints.covering(logId, await drainForRead(db, logId)));
  const key = await deps.logKeys.open(db, logId);
  if (key.origin !== checkpoint.origin) {
    throw new ServiceError('conflict', {
      message: 'The log was reopened under another origin just now. Export again.',
    });
  }
  const readNodes = nodeReader(db, logId, checkpoint.size);
  return {
    format: request.format,
    header: {
      type: 'header',
      format: EXPORT_FORMAT,
      version: EXPORT_VERSION,
      origin: key.origin,
      verifier_key: key.verifierKey,
      workspace: request.workspaceId,
      environment: selection.environment,
      filters: describeFilters(request.filters),
      first: selection.begin,
      end: selection.end,
      checkpoint: servedNote(checkpoint),
      ...(await proofsOf(readNodes, selection, checkpoint, request.previous)),
      exported_at: exportedAt.toISOString(),
      event_id: eventId,
    },
    key,
    readNodes,
    pages: () => readPages(db, selection),
    db,
  };
}

/** The leaves among which are all that are wanted. What is logged from now on is not among them. */
async function selectRange(
  db: Database,
  request: ExportRequest,
  logId: string,
  signedSize: number | undefined,
): Promise<Selection> {
  const size = Math.min(await drainForRead(db, logId), signedSize ?? Number.POSITIVE_INFINITY);
  if (request.previous !== undefined && request.previous > size) {
    const message = `must not be larger than the ${size} events that are exported`;
    throw new ServiceError('validation_failed', { details: [{ path: 'previous', message }] });
  }
  const unbounded = selectionOf(request, logId, 0, size);
  const { after, before } = await leafRangeOf(db, logId, unbounded.since, unbounded.until);
  const end = Math.min(before, size);
  return { ...unbounded, begin: Math.min(after + 1, end), end };
}

async function tell(
  deps: ExportDeps,
  request: ExportRequest,
  exporter: Exporter,
  { begin, end }: Selection,
): Promise<EventId> {
  const event = exportedEvent(request, exporter, { first: begin, end });
  const [eventId] = await inTransaction(deps.db, (tx) => append(tx, deps, [event]));
  if (eventId === undefined) throw new Error('an event was appended, and has no id');
  return eventId;
}

async function proofsOf(
  read: NodeReader,
  { begin, end }: Selection,
  { size }: StoredCheckpoint,
  previous: number | undefined,
): Promise<Pick<ExportHeader, 'before' | 'after' | 'previous'>> {
  const before = await hashesOfRange(read, { begin: 0, end: begin });
  const after = await hashesOfRange(read, { begin: end, end: size });
  const proof = previous === undefined ? [] : await proveConsistency(sha256, read, previous, size);
  return {
    before: before.map(toBase64),
    after: after.map(toBase64),
    previous: previous === undefined ? null : { size: previous, proof: proof.map(toBase64) },
  };
}

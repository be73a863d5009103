import { type BegunExport, beginExport } from '../audit/export/begin.ts';
import { ENCODINGS, nameOfFile } from '../audit/export/export.ts';
import type { ExportFormat } from '../audit/export/scope.ts';
import type { AuditFilters } from '../audit/queries/filters.ts';
import { actorOf, type Caller } from '../identity/principal.ts';
import { ServiceError } from '../lib/errors.ts';
import { viewerOf } from './audit-filters.ts';
import { createExportStream } from './export-stream.ts';
import { logError, toServiceError } from './failure.ts';
import type { RequestSource } from './request-source.ts';
import type { Services } from './services.ts';
import { takerOf } from './stream-places.ts';

export interface DownloadRequest {
  readonly caller: Caller;
  readonly filters: AuditFilters;
  readonly format: ExportFormat;
  /** The size of a checkpoint that the caller has: the export proves that it is of the same log. */
  readonly previous: number | undefined;
}

/** How it goes out. */
export interface DownloadAnswer {
  readonly requestId: string;
  /** The answer under way, which is cut if it cannot be finished. */
  readonly outgoing: RequestSource['outgoing'];
  /** Whether the request has been answered otherwise meanwhile. */
  readonly isAnswered: boolean;
  /** Whether the caller may still read; rejects when nobody can tell. */
  recheck(): Promise<boolean>;
}

/** An export that is in the log, and holds its place until it is sent. */
export interface Download {
  readonly headers: Readonly<Record<string, string>>;
  /**
   * To be called once.
   *
   * @throws ServiceError `unavailable` if nobody is there any more to send it to
   */
  send(answer: DownloadAnswer): ReadableStream<Uint8Array>;
}

/**
 * Begins an export of the audit log of the caller: its event is in the log when this has answered.
 *
 * @throws ServiceError `rate_limited` if there are too many, and what `beginExport` throws
 */
export async function beginDownload(services: Services, request: DownloadRequest): Promise<Download> {
  const { caller, filters, format, previous } = request;
  const { principal, request: origin } = caller;
  takeTurn(services, principal.workspaceId);
  const leave = services.longAnswers.exports.take(takerOf(principal));
  try {
    const wanted = { ...viewerOf(caller), filters, format, previous };
    const begun = await beginExport(services, wanted, { actor: actorOf(principal), request: origin });
    return { headers: headersOf(begun), send: (answer) => streamOf(services, begun, { ...answer, leave }) };
  } catch (error) {
    leave();
    throw error;
  }
}

/** Whoever may read could make the log grow otherwise, as fast as it can call. */
function takeTurn({ limits }: Services, workspaceId: string): void {
  if (limits.exports.take(workspaceId)) return;
  const { retryAfterSeconds } = limits.exports.standingOf(workspaceId);
  const message = 'This workspace has begun too many exports. Wait as long as Retry-After says, then retry.';
  throw new ServiceError('rate_limited', { message, retryAfterSeconds });
}

function streamOf(
  { logger, stopping }: Services,
  begun: BegunExport,
  { requestId, outgoing, isAnswered, recheck, leave }: DownloadAnswer & { readonly leave: () => void },
): ReadableStream<Uint8Array> {
  // The deadline has passed meanwhile, and this answer goes to nobody, who would never give the place back.
  if (isAnswered) {
    leave();
    throw new ServiceError('unavailable');
  }
  return createExportStream({
    pieces: ENCODINGS[begun.format].format(begun),
    recheck,
    stopping,
    cutOff: outgoing && (() => outgoing.destroy()),
    onFailure: (error) => logError(logger, requestId, toServiceError(error)),
    onEnd: leave,
  });
}

function headersOf(begun: BegunExport): Record<string, string> {
  const { first, end, checkpoint, event_id } = begun.header;
  return {
    'Content-Type': ENCODINGS[begun.format].mediaType,
    'Content-Disposition': `attachment; filename="${nameOfFile(begun)}"`,
    'Audit-Log-Range': `${first} ${end}`,
    'Audit-Log-Checkpoint': Buffer.from(checkpoint, 'utf8').toString('base64'),
    'Audit-Log-Event': event_id,
    // Tells nginx and its like to hand on each piece as it comes.
    'X-Accel-Buffering': 'no',
  };
}

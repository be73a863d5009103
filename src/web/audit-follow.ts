import type { AuditEvent } from '../audit/events/event.ts';
import type { AuditFilters } from '../audit/queries/filters.ts';
import { followLog } from '../audit/queries/follow.ts';
import type { Caller } from '../identity/principal.ts';
import { ServiceError } from '../lib/errors.ts';
import { viewerOf } from './audit-filters.ts';
import { createAuditStream } from './audit-stream.ts';
import { logError, toServiceError } from './failure.ts';
import type { Services } from './services.ts';
import { takerOf } from './stream-places.ts';

export const FOLLOW_HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // Tells nginx and its like to hand on each piece as it comes.
  'X-Accel-Buffering': 'no',
};

export interface FollowRequest {
  readonly caller: Caller;
  readonly requestId: string;
  readonly filters: AuditFilters;
  /** The leaf index behind which to begin; undefined is the end of the log. */
  readonly after: number | undefined;
  /** Whether the caller may still read; rejects when nobody can tell. */
  recheck(): Promise<boolean>;
  /** Whether the request has been answered otherwise meanwhile. */
  isAnswered(): boolean;
  /** What is sent of an event. */
  present(event: AuditEvent): unknown;
}

/**
 * The audit log of the caller as server-sent events, from a position on.
 *
 * @throws ServiceError `rate_limited` if the caller has too many open, `conflict` for a position that the log has not
 *   reached, `unavailable` if this process is about to stop
 */
export async function openFollow(services: Services, request: FollowRequest): Promise<ReadableStream<Uint8Array>> {
  const { db, clock, stopping, logger, logWatch: watch, longAnswers } = services;
  const { caller, filters, after, requestId, recheck, present } = request;
  if (stopping.aborted) throw new ServiceError('unavailable', { message: STOPPING_MESSAGE });
  const follower = await followLog({ db, watch }, { reader: viewerOf(caller), filters, after });
  // The deadline has passed meanwhile, and this answer goes to nobody, who would never give the place back.
  if (request.isAnswered()) throw new ServiceError('unavailable');
  const leave = longAnswers.streams.take(takerOf(caller.principal));
  return createAuditStream({
    follower,
    present,
    clock,
    stopping,
    recheck,
    onFailure: (error) => logError(logger, requestId, toServiceError(error)),
    onEnd: leave,
  });
}

const STOPPING_MESSAGE = 'This process of the service is about to stop. Retry.';

import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditEvent } from '../audit/events/event.ts';
import type { Follower } from '../audit/queries/follow.ts';
import type { Clock } from '../lib/clock.ts';
import { formatHeartbeat, formatOpening, formatSentEvent } from './server-sent-events.ts';

export interface AuditStreamOptions {
  readonly follower: Follower;
  /** What is sent of an event. */
  present(event: AuditEvent): unknown;
  readonly clock: Clock;
  /** Whether the caller may still read; rejects when nobody can tell. */
  recheck(): Promise<boolean>;
  /** Ends the stream in good order. */
  readonly stopping: AbortSignal;
  /** Told why the stream gives up waiting for the database. */
  onFailure(error: unknown): void;
  /** Called however it ends, perhaps more than once. */
  onEnd(): void;
  /** Proxies, and our own listener, cut what is silent for a minute. */
  readonly heartbeatMs?: number;
  /** How long the stream outlives the database. */
  readonly patienceMs?: number;
}

/** Why a stream ended: what its last event says. */
type EndReason = 'access_ended' | 'stopping' | 'unavailable';

const HEARTBEAT_MS = 15_000;
const PATIENCE_MS = 30_000;
const RETRY_MS = 3_000;
const PAUSE_MS = 500;

/**
 * The events of a follower as server-sent events. Nothing happens until somebody reads, and it reads on only when what it
 * gave is gone: a slow client holds its position and one batch, no more.
 */
export function createAuditStream(options: AuditStreamOptions): ReadableStream<Uint8Array> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  const pieces = piecesOf(options, interruption.signal);
  const encoder = new TextEncoder();

  function end(): void {
    options.stopping.removeEventListener('abort', interrupt);
    options.onEnd();
  }

  options.stopping.addEventListener('abort', interrupt);
  if (options.stopping.aborted) interrupt();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (value !== undefined) controller.enqueue(encoder.encode(value));
        if (done !== true) return;
        end();
        controller.close();
      },
      cancel() {
        interrupt();
        end();
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * Yields one piece after the other and returns the last. The caller is checked after a piece has been read and right
 * before it goes out. While nobody can tell whether the caller may read, the piece in hand waits, though not for long.
 */
async function* piecesOf(options: AuditStreamOptions, interrupted: AbortSignal): Pieces {
  const { follower, present, clock, recheck, stopping, heartbeatMs = HEARTBEAT_MS, patienceMs = PATIENCE_MS } = options;
  const now = () => clock.monotonicMs();
  let heartbeatAtMs = now() + heartbeatMs;
  let awaySinceMs: number | undefined;
  let piece: string | undefined;
  /** Not the follower's position: that is ahead by the piece in hand. */
  let toldPosition = follower.position;

  async function nextPiece(): Promise<string | undefined> {
    const waitMs = heartbeatAtMs - now();
    // Due even where events come all the time, if none of them is wanted.
    if (waitMs <= 0) return formatHeartbeat(follower.position);
    const events = await follower.next(waitMs, interrupted);
    const sent = events.map((event) => ({ id: event.leaf_index, event: 'audit', data: present(event) }));
    return events.length === 0 ? undefined : sent.map(formatSentEvent).join('');
  }

  async function prepare(): Promise<'ready' | 'later' | EndReason> {
    try {
      piece ??= await nextPiece();
      const isAllowed = await recheck();
      awaySinceMs = undefined;
      if (!isAllowed) return 'access_ended';
      return piece === undefined ? 'later' : 'ready';
    } catch (error) {
      awaySinceMs ??= now();
      if (now() - awaySinceMs < patienceMs) {
        await sleep(PAUSE_MS, undefined, { signal: interrupted, ref: false }).catch(() => {});
        return 'later';
      }
      options.onFailure(error);
      return 'unavailable';
    }
  }

  const farewell = (reason: EndReason) => formatSentEvent({ id: toldPosition, event: 'end', data: { reason } });

  yield formatOpening(toldPosition, RETRY_MS);
  for (;;) {
    const outcome = await prepare();
    if (interrupted.aborted) return stopping.aborted ? farewell('stopping') : undefined;
    if (outcome === 'later') continue;
    if (outcome !== 'ready') return farewell(outcome);
    if (piece !== undefined) yield piece;
    piece = undefined;
    toldPosition = follower.position;
    heartbeatAtMs = now() + heartbeatMs;
  }
}

type Pieces = AsyncGenerator<string, string | undefined>;

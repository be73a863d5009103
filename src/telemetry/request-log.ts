import type { Clock } from '../lib/clock.ts';
import type { Logger } from './logger.ts';

/** A request that has been answered. */
export interface AnsweredRequest {
  readonly id: string;
  readonly method: string;
  /** The pattern of the path, never the path itself: that may name things. */
  readonly route: string;
  readonly status: number;
  readonly ip: string | null;
  /** When it came, on the monotonic clock. */
  readonly startMs: number;
}

/**
 * Writes the one line that the log has for a request. `isRoutine` is one that services make at their own rate and that
 * went well: at thousands a second its line would cost more than its answer, so only `debug` shows it.
 */
export function logRequest(logger: Logger, clock: Clock, request: AnsweredRequest, isRoutine: boolean): void {
  const level = isRoutine ? 'debug' : 'info';
  if (!logger.isEnabled(level)) return;
  const { id, method, route, status, ip, startMs } = request;
  logger.log(level, 'http.request', {
    request_id: id,
    method,
    route,
    status,
    duration_ms: Math.round((clock.monotonicMs() - startMs) * 10) / 10,
    ip,
  });
}

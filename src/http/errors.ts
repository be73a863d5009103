import type { Context } from 'hono';
import { isDatabaseUnavailable } from '../db/errors.ts';
import { ServiceError } from '../lib/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import { STEP_UP_SECONDS } from './access/operation.ts';
import type { ApiEnv } from './api.ts';

/** K6: whatever is wrong with a credential, the body is this and nothing else. */
const UNAUTHORIZED_BODY = { error: 'unauthorized', message: 'Invalid or missing API key' } as const;

/** Retrying sooner than this after a 503 rarely helps. */
const UNAVAILABLE_RETRY_SECONDS = 1;

/** What a thrown error means to the caller. An error nobody planned for tells the caller nothing and the log everything. */
export function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (isDatabaseUnavailable(error)) return new ServiceError('unavailable', { cause: error });
  return new ServiceError('internal_error', { cause: error });
}

export function renderError(c: Context<ApiEnv>, error: ServiceError): Response {
  if (error.code === 'unauthorized') return c.json(UNAUTHORIZED_BODY, 401);
  if (error.scope !== undefined) {
    c.header('WWW-Authenticate', `Bearer realm="tooken", error="insufficient_scope", scope="${error.scope}"`);
  }
  if (error.code === 'insufficient_user_authentication') {
    // RFC 9470 §3
    c.header(
      'WWW-Authenticate',
      `Bearer realm="tooken", error="insufficient_user_authentication", max_age="${STEP_UP_SECONDS}"`,
    );
  }
  const retryAfter = error.retryAfterSeconds ?? (error.code === 'unavailable' ? UNAVAILABLE_RETRY_SECONDS : undefined);
  if (retryAfter !== undefined) c.header('Retry-After', String(retryAfter));
  const { code, message, details } = error;
  const body = { error: code, message, ...(details !== undefined && { details }) };
  // The one failure whose body says it too: people read it.
  if (code === 'account_locked') return c.json({ ...body, retry_after_seconds: retryAfter ?? 0 }, error.status);
  return c.json(body, error.status);
}

/** Logs what operators must hear of: the unplanned, and an absent database. */
export function logError(logger: Logger, requestId: string, error: ServiceError): void {
  if (error.code === 'internal_error') logger.log('error', 'http.failure', { request_id: requestId, err: error.cause });
  // Without a cause it is the service itself that has too much to do, or is about to stop.
  if (error.code === 'unavailable' && error.cause !== undefined)
    logger.log('warn', 'database.unavailable', { request_id: requestId, err: error.cause });
}

import { isDatabaseUnavailable } from '../db/errors.ts';
import { ServiceError } from '../lib/errors.ts';
import type { Logger } from '../telemetry/logger.ts';

/** What a thrown error means to the caller. An error nobody planned for tells the caller nothing and the log everything. */
export function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (isDatabaseUnavailable(error)) return new ServiceError('unavailable', { cause: error });
  return new ServiceError('internal_error', { cause: error });
}

/** Logs what operators must hear of: the unplanned, and an absent database. */
export function logError(logger: Logger, requestId: string, error: ServiceError): void {
  if (error.code === 'internal_error') logger.log('error', 'http.failure', { request_id: requestId, err: error.cause });
  // Without a cause it is the service itself that has too much to do, or is about to stop.
  if (error.code === 'unavailable' && error.cause !== undefined)
    logger.log('warn', 'database.unavailable', { request_id: requestId, err: error.cause });
}

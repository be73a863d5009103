import { isDatabaseUnavailable } from '../db/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type Answer, SERVER_ERROR, UNAVAILABLE } from './answers.ts';

/** What a thrown error means to the caller, who learns nothing from it; the log learns the rest. */
export function answerFailure(logger: Logger, requestId: string, error: unknown): Answer {
  if (isDatabaseUnavailable(error)) {
    logger.log('warn', 'database.unavailable', { request_id: requestId, err: error });
    return UNAVAILABLE;
  }
  logger.log('error', 'http.failure', { request_id: requestId, err: error });
  return SERVER_ERROR;
}

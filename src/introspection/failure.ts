import { isDatabaseUnavailable } from '../db/errors.ts';
import { ServiceError } from '../lib/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type Answer, SERVER_ERROR, UNAVAILABLE } from './answers.ts';

/** What `work` answers; also for what it throws or rejects with, so that this never does. */
export function answerFailures(
  logger: Logger,
  requestId: string,
  work: () => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  try {
    const answer = work();
    return answer instanceof Promise ? answer.catch((error) => answerFailure(logger, requestId, error)) : answer;
  } catch (error) {
    return answerFailure(logger, requestId, error);
  }
}

/** What a thrown error means to the caller, who learns nothing from it; the log learns the rest. */
function answerFailure(logger: Logger, requestId: string, error: unknown): Answer {
  const isUnavailable = error instanceof ServiceError && error.code === 'unavailable';
  if (isUnavailable || isDatabaseUnavailable(error)) {
    logger.log('warn', 'database.unavailable', { request_id: requestId, err: error });
    return UNAVAILABLE;
  }
  logger.log('error', 'http.failure', { request_id: requestId, err: error });
  return SERVER_ERROR;
}

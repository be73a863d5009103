import { ServiceError } from '../../lib/errors.ts';

/** The same failure, in the words for people. */
export function toldOf(error: ServiceError): ServiceError {
  const { code, details } = error;
  return new ServiceError(code, { message: messageFor(error), ...(details !== undefined && { details }) });
}

/** What people are told of a failure: the texts of the API where they speak to people, and others where they do not. */
export function messageFor({ code, message, retryAfterSeconds }: ServiceError): string {
  switch (code) {
    case 'account_locked':
      return `Too many failures in a row. Try again ${waitOf(retryAfterSeconds)}.`;
    case 'rate_limited':
      return `That was too much at once. Try again ${waitOf(retryAfterSeconds)}.`;
    case 'unavailable':
      return 'The service cannot reach its database at the moment. Try again shortly.';
    case 'internal_error':
      return 'Something went wrong here. It is in the log of the service, under the request id below.';
    case 'precondition_failed':
      return 'Somebody has changed this since you opened the page. Look at it as it is now, then change it again.';
    case 'idempotency_mismatch':
      return 'This form was sent before, with something else in it. Load its page again, and fill it in anew.';
    default:
      return message;
  }
}

function waitOf(seconds: number | undefined): string {
  if (seconds === undefined) return 'shortly';
  if (seconds < 90) return `in ${seconds} seconds`;
  return `in ${Math.ceil(seconds / 60)} minutes`;
}

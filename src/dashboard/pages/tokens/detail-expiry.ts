import { ServiceError } from '../../../lib/errors.ts';

/**
 * The error, as it is to be said of a form that sets the end of a token and not its start: what the API would say of `not_before`
 * is said of `field`.
 */
export function aboutExpiry(error: ServiceError, field: string): ServiceError {
  const { code, details } = error;
  if (details === undefined || details.every(({ path }) => path !== 'not_before')) return error;
  return new ServiceError(code, {
    details: details.map((detail) => (detail.path === 'not_before' ? { path: field, message: TOO_EARLY } : detail)),
  });
}

const TOO_EARLY = 'must be later than the time from which the token is valid';

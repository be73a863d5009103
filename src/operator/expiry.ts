import { z } from 'zod';
import { parseDuration } from '../lib/durations.ts';
import { ServiceError } from '../lib/errors.ts';

/** When something is to end, as an operator says it; at most one of the two. */
export interface Expiry {
  /** `90d`, `1d12h` */
  readonly expiresIn?: string | undefined;
  /** RFC 3339 with any offset */
  readonly expiresAt?: string | undefined;
}

const instant = z.iso.datetime({ offset: true });

/** The instant; null for never. @throws ServiceError `invalid_request` */
export function expiryAt({ expiresIn, expiresAt }: Expiry, now: Date): Date | null {
  if (expiresAt !== undefined) {
    if (instant.safeParse(expiresAt).success) return new Date(expiresAt);
    throw invalid('--expires-at must be an RFC 3339 time such as 2027-01-31T12:00:00Z.');
  }
  if (expiresIn === undefined) return null;
  const durationMs = parseDuration(expiresIn);
  if (durationMs === undefined)
    throw invalid('--expires-in must be a duration such as 90d, 12h or 1d12h (w, d, h, m, s).');
  return new Date(now.getTime() + durationMs);
}

function invalid(message: string): ServiceError {
  return new ServiceError('invalid_request', { message });
}

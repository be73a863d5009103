import { type ErrorDetail, ServiceError } from '../lib/errors.ts';

/** When a token shall expire, as a caller may say it: an instant, or in so many seconds. Null is never. */
export interface ExpiryInput {
  readonly expiresAt?: Date | null;
  readonly expiresInSeconds?: number;
}

/** The instant that `input` means at `now`; undefined if it says nothing. */
export function resolveExpiry({ expiresAt, expiresInSeconds }: ExpiryInput, now: Date): Date | null | undefined {
  if (expiresInSeconds === undefined) return expiresAt;
  if (expiresAt !== undefined) throw invalid('expires_in', 'cannot be given together with expires_at');
  return new Date(now.getTime() + expiresInSeconds * 1000);
}

/** Refuses lifetimes without a moment in which the token would be active. */
export function requireLifetime(expiresAt: Date | null, notBefore: Date | null, now: Date): void {
  if (expiresAt === null) return;
  if (expiresAt <= now) throw invalid('expires_at', 'must lie in the future');
  if (notBefore !== null && notBefore >= expiresAt) throw invalid('not_before', 'must be earlier than the expiry');
}

export function invalid(path: string, message: string): ServiceError {
  const details: ErrorDetail[] = [{ path, message }];
  return new ServiceError('validation_failed', { details });
}

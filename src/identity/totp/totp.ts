import { constantTimeEqual } from '../../lib/constant-time.ts';
import { CODE_DIGITS, hotp } from './hotp.ts';

/** How long a code is the one that is shown, in seconds (RFC 6238 §4.1: the step X; T0 is 0). */
export const STEP_SECONDS = 30;

/** As long as the output of SHA-1 (RFC 4226 §4, R6). */
export const SECRET_BYTES = 20;

/** Steps before and after the present one whose codes are good too, for clocks that differ and for slow hands (§5.2, §6). */
const WINDOW_STEPS = 1;

/**
 * The time steps around `now` that `code`, six digits, is the password of, oldest first: none if it is wrong, and more than one
 * by accident only. Whether a step was used before is for the caller to see (RFC 6238 §5.2).
 */
export function matchingSteps(secret: Uint8Array, code: string, now: Date): number[] {
  const present = Math.floor(now.getTime() / 1000 / STEP_SECONDS);
  const given = Buffer.from(code, 'utf8');
  const steps = Array.from({ length: 2 * WINDOW_STEPS + 1 }, (_, index) => present - WINDOW_STEPS + index);
  return steps.filter((step) => step >= 0 && constantTimeEqual(given, Buffer.from(hotp(secret, step), 'utf8')));
}

/** Whether it looks like a code of an authenticator app. */
export function isTotpCode(text: string): boolean {
  return text.length === CODE_DIGITS && /^[0-9]+$/.test(text);
}

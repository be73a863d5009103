import { z } from 'zod';

/** A rate as in `6000/60s`: so many within so many seconds. `off` lifts the limit. */
export function rate(fallback: string) {
  return z
    .string()
    .regex(RATE_PATTERN, 'must be <count>/<seconds>s, or off')
    .default(fallback)
    .transform((text) => {
      const match = RATE_PATTERN.exec(text);
      if (match === null || text === 'off') return null;
      return { limit: Number(match[1]), windowSeconds: Number(match[2]) };
    });
}

const RATE_PATTERN = /^(?:off|([1-9]\d{0,8})\/([1-9]\d{0,4})s)$/;

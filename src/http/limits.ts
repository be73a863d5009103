import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Rate, Rates } from '../config/config.ts';

/**
 * How much one caller or source may ask, counted per process in fixed windows. The headers are those of the IETF draft
 * `ratelimit-headers`: `RateLimit-Policy` says what holds, `RateLimit` what is left.
 */
export interface Limiter {
  /** Counts one more for `key`. */
  take(key: string): Promise<Allowance>;
  /** Whether `key` has used up its window already, without counting. */
  isExhausted(key: string): Promise<boolean>;
}

export interface Allowance {
  readonly allowed: boolean;
  readonly retryAfterSeconds: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Limits {
  /** Management calls, per caller. */
  readonly requests: Limiter;
  /** Introspections, per caller. */
  readonly introspections: Limiter;
  /** Refused credentials, per source. */
  readonly failures: Limiter;
}

export function createLimits(rates: Rates): Limits {
  return {
    requests: createLimiter('requests', rates.requests),
    introspections: createLimiter('introspections', rates.introspections),
    failures: createLimiter('failures', rates.failures),
  };
}

function createLimiter(name: string, rate: Rate | null): Limiter {
  if (rate === null) return UNLIMITED;
  const limiter = new RateLimiterMemory({ points: rate.limit, duration: rate.windowSeconds });
  const policy = `"${name}";q=${rate.limit};w=${rate.windowSeconds}`;
  const describe = (state: RateLimiterRes, allowed: boolean): Allowance => {
    const seconds = Math.max(1, Math.ceil(state.msBeforeNext / 1000));
    const left = Math.max(0, state.remainingPoints);
    return {
      allowed,
      retryAfterSeconds: seconds,
      headers: { 'RateLimit-Policy': policy, RateLimit: `"${name}";r=${left};t=${seconds}` },
    };
  };
  return {
    take: async (key) => {
      try {
        return describe(await limiter.consume(key), true);
      } catch (rejection) {
        if (rejection instanceof RateLimiterRes) return describe(rejection, false);
        throw rejection;
      }
    },
    isExhausted: async (key) => {
      const state = await limiter.get(key);
      return state !== null && state.consumedPoints >= rate.limit;
    },
  };
}

const UNLIMITED: Limiter = {
  take: async () => ({ allowed: true, retryAfterSeconds: 0, headers: {} }),
  isExhausted: async () => false,
};

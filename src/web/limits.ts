import type { Rate, Rates } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';

/**
 * How much one caller or source may ask, counted per process in fixed windows. The headers are those of the IETF draft
 * `ratelimit-headers`: `RateLimit-Policy` says what holds, `RateLimit` what is left.
 */
export interface Limiter {
  /** Counts one more for `key`: whether that is still within the limit. `atMs` is now, on the monotonic clock. */
  take(key: string, atMs?: number): boolean;
  /** How `key` stands now. */
  standingOf(key: string): Standing;
  /** How many have been counted that were beyond the limit. */
  refused(): number;
}

export interface Standing {
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
  /** Exports of the audit log that are begun, per workspace: each is an event, and asks for a checkpoint. */
  readonly exports: Limiter;
  /** Requests that may send somebody a mail, per source. */
  readonly mails: Limiter;
}

const EXPORT_RATE: Rate = { limit: 60, windowSeconds: 60 };
const MAIL_RATE: Rate = { limit: 30, windowSeconds: 600 };

/**
 * Windows remembered at once, at some 200 bytes each. Who comes from more sources than that is not held back by counting
 * them, so those that were quiet for longest are forgotten.
 */
const MAX_WINDOWS = 100_000;

export function createLimits(rates: Rates, clock: Clock, maxWindows = MAX_WINDOWS): Limits {
  const create = (name: string, rate: Rate | null) =>
    rate === null ? UNLIMITED : createLimiter(name, rate, clock, maxWindows);
  return {
    requests: create('requests', rates.requests),
    introspections: create('introspections', rates.introspections),
    failures: create('failures', rates.failures),
    exports: create('exports', EXPORT_RATE),
    mails: create('mails', MAIL_RATE),
  };
}

interface Window {
  count: number;
  readonly endsAtMs: number;
}

function createLimiter(name: string, { limit, windowSeconds }: Rate, clock: Clock, maxWindows: number): Limiter {
  const policy = `"${name}";q=${limit};w=${windowSeconds}`;
  // Two generations: when the young one is full it becomes the old one, and the old one is forgotten with all that
  // nobody has asked for meanwhile. Deleting one by one would cost more the more there are.
  let young = new Map<string, Window>();
  let old = new Map<string, Window>();
  let refused = 0;

  function windowOf(key: string, nowMs: number): Window {
    const window = young.get(key) ?? old.get(key);
    return isOpen(window, nowMs) ? window : { count: 0, endsAtMs: nowMs + windowSeconds * 1000 };
  }

  function keep(key: string, window: Window): Window {
    young.set(key, window);
    if (young.size >= maxWindows / 2) [young, old] = [new Map(), young];
    return window;
  }

  return {
    take(key, nowMs = clock.monotonicMs()) {
      const known = young.get(key);
      const window = isOpen(known, nowMs) ? known : keep(key, windowOf(key, nowMs));
      window.count += 1;
      if (window.count <= limit) return true;
      refused += 1;
      return false;
    },
    standingOf(key) {
      const nowMs = clock.monotonicMs();
      const { count, endsAtMs } = windowOf(key, nowMs);
      const seconds = Math.max(1, Math.ceil((endsAtMs - nowMs) / 1000));
      const left = Math.max(0, limit - count);
      return {
        retryAfterSeconds: seconds,
        headers: { 'RateLimit-Policy': policy, RateLimit: `"${name}";r=${left};t=${seconds}` },
      };
    },
    refused: () => refused,
  };
}

function isOpen(window: Window | undefined, nowMs: number): window is Window {
  return window !== undefined && window.endsAtMs > nowMs;
}

const UNLIMITED: Limiter = {
  take: () => true,
  standingOf: () => ({ retryAfterSeconds: 0, headers: {} }),
  refused: () => 0,
};

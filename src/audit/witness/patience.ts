import { LRUCache } from 'lru-cache';
import type { Clock } from '../../lib/clock.ts';

/** How long to leave those alone that have failed: twice as long with each failure in a row. */
export interface Patience {
  /** Whether `key` may be tried now. */
  isOver(key: string): boolean;
  /** Whether it failed the last time. */
  isTried(key: string): boolean;
  /** Returns how often it has failed in a row. */
  failed(key: string): number;
  succeeded(key: string): void;
}

export interface PatienceOptions {
  readonly clock: Clock;
  readonly firstMs: number;
  readonly mostMs: number;
}

/** Beyond this, those that failed longest ago are forgotten, and so tried again earlier. */
const MOST_KEYS = 10_000;

export function createPatience({ clock, firstMs, mostMs }: PatienceOptions): Patience {
  const failing = new LRUCache<string, { readonly failures: number; readonly untilMs: number }>({ max: MOST_KEYS });
  return {
    isOver: (key) => clock.monotonicMs() >= (failing.peek(key)?.untilMs ?? 0),
    isTried: (key) => failing.has(key),
    failed(key) {
      const failures = (failing.peek(key)?.failures ?? 0) + 1;
      const pauseMs = Math.min(firstMs * 2 ** (failures - 1), mostMs);
      failing.set(key, { failures, untilMs: clock.monotonicMs() + pauseMs });
      return failures;
    },
    succeeded: (key) => void failing.delete(key),
  };
}

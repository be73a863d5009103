import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../lib/clock.ts';

/** Waits for a moment in which nothing happens. */
export interface Lull {
  /** Something has happened. */
  touch(): void;
  /** Resolves once nothing has happened for `quietMs`, or when `atMostMs` have passed, or with `hurry`. */
  wait(hurry: Promise<unknown>): Promise<void>;
}

export interface LullOptions {
  readonly quietMs: number;
  /** Counted from now on. */
  readonly atMostMs: number;
}

export function beginLull({ quietMs, atMostMs }: LullOptions): Lull {
  const now = () => systemClock.monotonicMs();
  const end = now() + atMostMs;
  let lastEvent = now();
  return {
    touch() {
      lastEvent = now();
    },
    async wait(hurry) {
      let isHurried = false;
      const hurried = hurry.then(() => {
        isHurried = true;
      });
      while (!isHurried) {
        const restMs = Math.min(lastEvent + quietMs, end) - now();
        if (restMs <= 0) return;
        await Promise.race([sleep(restMs), hurried]);
      }
    },
  };
}

import { describe, expect, test } from 'vitest';
import { createLimits } from '../../src/web/limits.ts';

const time = { ms: 0 };
const clock = { now: () => new Date(time.ms), monotonicMs: () => time.ms };
const rates = { requests: { limit: 2, windowSeconds: 60 }, introspections: null, failures: null };

describe('a limit', () => {
  test('counts each key apart, and anew when its window has ended', () => {
    const { requests } = createLimits(rates, clock);
    const take = (key: string) => requests.take(key);
    expect([take('a'), take('a'), take('a'), take('b')]).toEqual([true, true, false, true]);
    time.ms += 59_999;
    expect(take('a')).toBe(false);
    time.ms += 1;
    expect([take('a'), take('a'), take('a')]).toEqual([true, true, false]);
  });

  test('says what is left and for how long', () => {
    const { requests } = createLimits(rates, clock);
    requests.take('a');
    time.ms += 30_500;
    const headers = { 'RateLimit-Policy': '"requests";q=2;w=60', RateLimit: '"requests";r=0;t=30' };
    expect(requests.take('a')).toBe(true);
    expect(requests.standingOf('a')).toEqual({ retryAfterSeconds: 30, headers });
    expect(requests.take('a')).toBe(false);
    expect(requests.standingOf('a')).toEqual({ retryAfterSeconds: 30, headers });
    const untouched = { 'RateLimit-Policy': '"requests";q=2;w=60', RateLimit: '"requests";r=2;t=60' };
    expect(requests.standingOf('b')).toEqual({ retryAfterSeconds: 60, headers: untouched });
  });

  test('remembers only so many keys, however many come, and forgets those that were quiet for longest', () => {
    const { requests } = createLimits(rates, clock, 8);
    const take = (key: string) => requests.take(key);
    for (const key of ['quiet', 'busy']) expect([take(key), take(key), take(key)]).toEqual([true, true, false]);
    for (let n = 0; n < 100; n += 1) {
      take(`other ${n}`);
      expect(take('busy')).toBe(false);
    }
    expect(take('quiet')).toBe(true);
  });

  test('that is off lets everything through and says nothing', () => {
    const { introspections } = createLimits(rates, clock);
    expect(introspections.take('a')).toBe(true);
    expect(introspections.standingOf('a')).toEqual({ retryAfterSeconds: 0, headers: {} });
  });
});

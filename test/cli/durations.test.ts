import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDuration } from '../../src/lib/durations.ts';

const SECONDS = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 };
const UNITS = Object.keys(SECONDS) as (keyof typeof SECONDS)[];
const amount = fc.nat({ max: 999_999 });

test('a duration is the sum of its parts, largest unit first', () => {
  const parts = fc.record(Object.fromEntries(UNITS.map((unit) => [unit, amount])), { requiredKeys: [] });
  fc.assert(
    fc.property(parts, (given) => {
      const present = UNITS.filter((unit) => given[unit] !== undefined);
      const text = present.map((unit) => `${given[unit]}${unit}`).join('');
      const sum = present.reduce((seconds, unit) => seconds + (given[unit] ?? 0) * SECONDS[unit], 0);
      expect(parseDuration(text)).toBe(sum === 0 ? undefined : sum * 1000);
    }),
  );
});

test('only durations are durations: whatever else parses is a positive number of whole seconds from digits and units', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789wdhms .-+') })), (text) => {
      const durationMs = parseDuration(text);
      if (durationMs === undefined) return;
      expect(text).toMatch(/^(\d+[wdhms])+$/);
      expect(durationMs).toBeGreaterThan(0);
      expect(Number.isSafeInteger(durationMs / 1000)).toBe(true);
    }),
  );
});

test.each(['', '0d', '90', 'd', '-1d', '1.5h', '1 d', ' 1d', '1d\n', '1D', '1h1d', '1d1d', '1y', '1e3s', '1000000s'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

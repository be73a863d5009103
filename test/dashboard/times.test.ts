import { expect, test } from 'vitest';
import { relativeTime } from '../../src/dashboard/parts/times.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const DAY_SECONDS = 86_400;

test.each([
  [59, 'in less than a minute'],
  [3_599, 'in 59 minutes'],
  [DAY_SECONDS, 'in 1 day'],
  [60 * DAY_SECONDS - 1, 'in 59 days'],
  [90 * DAY_SECONDS - 1, 'in 89 days'],
  [365 * DAY_SECONDS - 1, 'in 12 months'],
  [3 * 365 * DAY_SECONDS, 'in 3 years'],
  [-59, 'just now'],
  [-45 * DAY_SECONDS, '45 days ago'],
])('%s seconds from now are said as %s', (seconds, text) => {
  expect(relativeTime(new Date(NOW.getTime() + seconds * 1000), NOW)).toBe(text);
});

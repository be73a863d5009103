import { expect, it } from 'vitest';
import { restartPauseMs } from '../../src/main/restart-pause.ts';

it('a worker is started again at once after its first failure, then ever later, and at least every half minute', () => {
  const pauses = Array.from({ length: 12 }, (_, n) => restartPauseMs(n + 1));
  expect(pauses).toEqual([0, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
});

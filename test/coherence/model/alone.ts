import { changeSteps } from './change.ts';
import { tickStep } from './clock.ts';
import type { Setup } from './setup.ts';
import type { World } from './world.ts';

/** How a fence ends for which nobody else does anything any more. */
export interface LonelyEnd {
  readonly ticks: number;
  readonly world: World;
}

/** Lets the fence of change `n` go on alone; undefined if it has not answered when a full lease has passed. */
export function answerAlone(setup: Setup, world: World, n: number): LonelyEnd | undefined {
  let alone = world;
  for (let ticks = 0; ticks <= setup.ticksPerLease; ticks += 1) {
    // It reads the rows, and then evicts or answers if it may.
    for (let look = 0; look < 2; look += 1) {
      alone = [...changeSteps(setup, alone, n)].at(-1)?.next ?? alone;
      if (alone.changes[n]?.at === 'answered') return { ticks, world: alone };
    }
    alone = tickStep(setup, alone).next;
  }
  return undefined;
}

/** The change whose fence would wait for ever, or longer than a lease, if nobody else did anything any more. */
export function endlessFence(setup: Setup, world: World): string | undefined {
  const n = world.changes.findIndex(({ at }, m) => at === 'fencing' && answerAlone(setup, world, m) === undefined);
  return n === -1 ? undefined : `the fence of change ${n + 1} does not end by itself`;
}

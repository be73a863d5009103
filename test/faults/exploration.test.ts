import { expect, inject, it } from 'vitest';
import { explore } from '../coherence/model/explore.ts';
import { LARGE_WORLDS } from '../coherence/model/worlds.ts';

const WORLDS = inject('faultRun') === 'long' ? LARGE_WORLDS : LARGE_WORLDS.slice(0, 1);
const TIMEOUT_MS = 1_800_000;

it.each(WORLDS)(
  'no history leads to an answer with the old right, with $name',
  { timeout: TIMEOUT_MS },
  ({ name, setup }) => {
    const { states, steps, depth, violation } = explore(setup);
    console.log(`${name}: ${states} states, ${steps} steps, the farthest ${depth} away`);
    expect(violation).toBeUndefined();
  },
);

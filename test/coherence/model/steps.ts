import { changeSteps } from './change.ts';
import { tickStep } from './clock.ts';
import { errandSteps } from './errand.ts';
import { faultSteps } from './fault.ts';
import { orphanSteps } from './given-up.ts';
import { loadSteps } from './load.ts';
import { normalForm } from './normal-form.ts';
import { hearSteps, leaveSteps } from './replica.ts';
import { requestSteps } from './request.ts';
import type { Setup } from './setup.ts';
import { upkeepSteps } from './upkeep.ts';
import type { Step, World } from './world.ts';

/** Everything that can happen next. */
export function* stepsFrom(setup: Setup, world: World): Generator<Step> {
  for (const step of stepsOfAll(setup, world)) yield { ...step, next: normalForm(step.next) };
}

function* stepsOfAll(setup: Setup, world: World): Generator<Step> {
  for (const n of world.changes.keys()) yield* changeSteps(setup, world, n);
  for (const n of world.replicas.keys()) {
    yield* errandSteps(setup, world, n);
    yield* hearSteps(setup, world, n);
    yield* leaveSteps(setup, world, n);
    yield* loadSteps(setup, world, n);
    yield* requestSteps(setup, world, n);
    yield* faultSteps(setup, world, n);
  }
  yield* orphanSteps(setup, world);
  yield* upkeepSteps(setup, world);
  yield tickStep(setup, world);
}

import { liveKeyLife } from './key-life.ts';
import { askEverywhere, observe } from './observations.ts';
import { livePersonLife } from './person-life.ts';
import type { KnownSecret } from './population.ts';
import { oneOf } from './population.ts';
import { pause, type Stage } from './stage.ts';
import { beginTokenLife, type TokenLife } from './token-life.ts';
import { endTokenLife, STEPS, STEPS_WITH_ENDS } from './token-steps.ts';

/** How many clients of each kind a replica has. */
export interface Crowd {
  readonly tokenLives: number;
  readonly keyLives: number;
  readonly observers: number;
  /** None unless given; they take an owner. */
  readonly personLives?: number;
}

/** Runs all clients until the run is over and each has come to an end. */
export async function runClients(
  stage: Stage,
  { tokenLives, keyLives, observers, personLives = 0 }: Crowd,
): Promise<void> {
  const clients = [...stage.urls.keys()].flatMap((home) => [
    ...Array.from({ length: tokenLives }, () => repeat(stage, () => liveTokenLife(stage, home))),
    ...Array.from({ length: keyLives }, () => repeat(stage, () => liveKeyLife(stage, home))),
    ...Array.from({ length: personLives }, () => repeat(stage, () => livePersonLife(stage, home))),
    ...Array.from({ length: observers }, () => observe(stage, home)),
  ]);
  await Promise.all(clients);
  await Promise.all(stage.loose);
}

/** `live` says whether there was a life at all. */
async function repeat(stage: Stage, live: () => Promise<boolean>): Promise<void> {
  while (!stage.isOver()) if (!(await live())) await pause(STILLBIRTH_PAUSE_MS);
}

const STILLBIRTH_PAUSE_MS = 100;
const MOST_STEPS = 5;

/**
 * A client that issues a token, has every replica remember it, takes rights from it one by one and asks everywhere after
 * each, until it ends the token. Once a change was in doubt it does nothing more than end the token, since what was in
 * doubt may still happen later.
 */
async function liveTokenLife(stage: Stage, home: number): Promise<boolean> {
  const life = await beginTokenLife(stage, home);
  if (life === undefined) return false;
  await askEverywhere(stage, life.current);
  const steps = stage.hasEnds ? [...STEPS, ...STEPS_WITH_ENDS] : STEPS;
  for (let left = Math.floor(Math.random() * MOST_STEPS); left > 0 && life.isCertain; left -= 1) {
    await oneOf(steps)?.(stage, home, life);
    await askEverywhere(stage, newestOf(life));
  }
  await endTokenLife(stage, home, life);
  await askEverywhere(stage, newestOf(life));
  return true;
}

function newestOf({ current, previous, issued }: TokenLife): KnownSecret[] {
  return [...current, ...previous, ...issued].slice(0, 3);
}

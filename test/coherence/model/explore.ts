import { createNumbering } from './numbering.ts';
import { brokenPromise, isHarmless } from './promise.ts';
import { initialWorld, type Setup } from './setup.ts';
import { stepsFrom } from './steps.ts';
import { createVectorSet } from './vector-set.ts';
import type { World } from './world.ts';

export interface Exploration {
  readonly states: number;
  readonly steps: number;
  /** How many steps the farthest state is away. */
  readonly depth: number;
  readonly violation: Violation | undefined;
}

export interface Violation {
  readonly promise: string;
  /** A shortest history that leads to it. */
  readonly trace: readonly string[];
}

/**
 * Visits every state that can be reached, nearest first, until a promise is broken. A state is kept as one number for
 * each of its parts, since the parts have few states each: that is small, and exact. What `inspect` says of a state is a
 * promise broken, too.
 */
export function explore(setup: Setup, inspect?: (world: World) => string | undefined): Exploration {
  const first = initialWorld(setup);
  const parts = createParts(first);
  const visited = createVectorSet(parts.width);
  const parents: number[] = [-1];
  let [steps, depth, depthEnd] = [0, 0, 1];
  visited.add(parts.split(first));
  const found = (promise: string, trace: readonly string[]): Exploration => ({
    states: visited.size(),
    steps,
    depth,
    violation: { promise, trace },
  });
  for (let index = 0; index < visited.size(); index += 1) {
    if (index === depthEnd) [depth, depthEnd] = [depth + 1, visited.size()];
    const world = parts.join(visited.at(index));
    if (inspect === undefined && isHarmless(world)) continue;
    for (const { label, next, broken } of stepsFrom(setup, world)) {
      steps += 1;
      if (broken !== undefined) return found(broken, [...traceOf(index), label]);
      if (!visited.add(parts.split(next))) continue;
      parents.push(index);
      const promise = brokenPromise(setup, next) ?? inspect?.(next);
      if (promise !== undefined) return found(promise, [...traceOf(index), label]);
    }
  }
  return { states: visited.size(), steps, depth, violation: undefined };

  function traceOf(end: number): readonly string[] {
    const path: number[] = [];
    for (let index = end; index !== -1; index = parents[index] ?? -1) path.unshift(index);
    return path.slice(1).map((index, n) => {
      const from = parts.join(visited.at(path[n] ?? 0));
      for (const { label, next } of stepsFrom(setup, from)) {
        if (visited.indexOf(parts.split(next)) === index) return label;
      }
      throw new Error('a state without a way to it');
    });
  }
}

/** Worlds as vectors of numbers, one for each part. */
function createParts(first: World) {
  const { numberOf, valueAt } = createNumbering();
  const replicasAt = 3;
  const changesAt = replicasAt + first.replicas.length;
  const width = changesAt + first.changes.length;
  const vector = new Int32Array(width);
  const partAt = <Part>(from: Int32Array, slot: number): Part => valueAt(from[slot] ?? -1) as Part;

  return {
    width,
    /** Good until the next call. */
    split({ database, faults, watch, replicas, changes }: World): Int32Array {
      vector[0] = numberOf(database);
      vector[1] = numberOf(faults);
      vector[2] = numberOf(watch);
      for (const [n, replica] of replicas.entries()) vector[replicasAt + n] = numberOf(replica);
      for (const [n, change] of changes.entries()) vector[changesAt + n] = numberOf(change);
      return vector;
    },
    join(from: Int32Array): World {
      return {
        database: partAt(from, 0),
        faults: partAt(from, 1),
        watch: partAt(from, 2),
        replicas: first.replicas.map((_, n) => partAt(from, replicasAt + n)),
        changes: first.changes.map((_, n) => partAt(from, changesAt + n)),
      };
    },
  };
}

import type { Fence } from '../../src/coherence/fence.ts';

/** A fence like `fence`, and the subjects that it has been told of. */
export function overhear(fence: Fence): { readonly fence: Fence; readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    fence: async (...changes) => {
      told.push(...changes.flatMap(({ subjects }) => subjects));
      return fence(...changes);
    },
  };
}

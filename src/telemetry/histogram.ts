/** Counts values by size, in plain numbers: cheap enough for every request. */
export interface Histogram {
  /** The upper bounds of the buckets, ascending; one more bucket takes what is larger. */
  readonly bounds: readonly number[];
  /** How many values fell into each bucket, and into no earlier one. */
  readonly counts: Float64Array;
  readonly sum: number;
  observe(value: number): void;
}

/** From a tenth of a millisecond, which an answer from memory takes, to the longest that a request may. */
export const DURATION_BOUNDS_SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
];

export function createHistogram(bounds: readonly number[]): Histogram {
  const counts = new Float64Array(bounds.length + 1);
  let sum = 0;
  return {
    bounds,
    counts,
    get sum() {
      return sum;
    },
    observe(value) {
      let bucket = 0;
      // From the smallest, where nearly all values are; what is no number ends up in the last one.
      while (bucket < bounds.length && !(value <= (bounds[bucket] ?? 0))) bucket += 1;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      sum += value;
    },
  };
}
